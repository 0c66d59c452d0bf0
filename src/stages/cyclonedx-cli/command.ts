import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'validate',
      argv: [
        ...['cyclonedx', 'validate', '--input-file', { at: 'artifact', name: 'sbom' } as const],
        ...['--input-format', 'json', '--input-version', options.specVersion, '--fail-on-errors'],
        ...args,
      ],
      // It is a .NET program: without this it wants the system's tables of languages.
      env: { DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1', DOTNET_BUNDLE_EXTRACT_BASE_DIR: { at: 'tmp' } },
      stdout: 'report',
      exits: { '0': 'clean', '1': 'findings' },
    },
  ],
};
