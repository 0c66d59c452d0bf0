import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ args }) => [
    {
      id: 'audit',
      argv: [
        'python',
        '-I',
        { at: 'asset', name: 'script' },
        { at: 'artifact', name: 'sbom' },
        { at: 'out', sub: 'license-audit.json' },
        ...args,
      ],
      exits: { '0': 'ok' },
    },
  ],
  notChecked: () => ['licences that packages do not declare: no source text is read'],
};
