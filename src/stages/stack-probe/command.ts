import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: () => [
    {
      id: 'probe',
      argv: ['node', { at: 'asset', name: 'probe', sub: 'probe.mjs' }, { at: 'endpoint' }],
      stdout: 'report',
      exits: { '0': 'ok' },
    },
  ],
};
