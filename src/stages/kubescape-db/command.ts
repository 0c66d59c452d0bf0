import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ args }) => [
    {
      id: 'download',
      argv: [
        ...['kubescape', 'download', 'artifacts', '--output', { at: 'out', sub: 'db' } as const],
        ...['--logger', 'warning', '--cache-dir', { at: 'tmp', sub: 'kubescape' } as const],
        ...args,
      ],
      env: { KS_SKIP_UPDATE_CHECK: 'true' },
      exits: { '0': 'ok' },
    },
  ],
};
