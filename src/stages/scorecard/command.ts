import type { StageCommand } from '../contract/command.ts';
import { CHECKS } from './checks.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'scan',
      argv: [
        ...['scorecard', '--local', '.', '--checks', options.checks.join(','), '--show-details'],
        ...args,
        ...['--format', 'json', '--output', { at: 'out', sub: 'scorecard.json' } as const],
      ],
      exits: { '0': 'ok' },
    },
  ],
  notChecked: ({ checks }) => [
    'data of the hosting platform: reviews, branch protection, releases, maintenance',
    ...CHECKS.filter((check) => !checks.includes(check)).map((check) => `Scorecard's check ${check}`),
  ],
};
