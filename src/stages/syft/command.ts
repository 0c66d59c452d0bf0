import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'scan',
      argv: [
        ...['syft', 'scan', 'dir:.', '--base-path', '.'],
        // Ours, and empty: a .syft.yaml of the tree could leave everything out.
        ...['--config', { at: 'asset', name: 'syft', sub: 'syft.yaml' } as const],
        ...['--source-name', options.name],
        ...(options.version === undefined ? [] : ['--source-version', options.version]),
        ...['--output', { at: 'out', sub: 'sbom.cdx.json', prefix: 'cyclonedx-json@1.6=' } as const],
        ...['--output', { at: 'out', sub: 'sbom.spdx.json', prefix: 'spdx-json@2.3=' } as const],
        ...['--output', { at: 'out', sub: 'syft.json', prefix: 'syft-json=' } as const],
        ...args,
      ],
      env: {
        SYFT_CHECK_FOR_APP_UPDATE: 'false',
        // Lists every file that Syft saw, not only those that gave packages: the proof that it looked.
        SYFT_FILE_METADATA_SELECTION: 'all',
      },
      exits: { '0': 'ok' },
    },
  ],
};
