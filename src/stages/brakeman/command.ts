import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'scan',
      argv: [
        ...['brakeman', '--quiet', '--no-pager', '--no-color', '--no-highlights'],
        // Warnings of one kind in one file stay apart, and those of the lowest confidence are kept.
        ...['--no-combine-locations', '--confidence-level', '1', '--no-exit-on-error'],
        ...(options.except.length > 0 ? ['--except', options.except.join(',')] : []),
        ...args,
        ...['--format', 'json', '--output', { at: 'out', sub: 'brakeman.json' } as const],
        ...['--path', options.app],
      ],
      exits: { '0': 'clean', '3': 'findings' },
    },
  ],
  notChecked: ({ except, app }) => [
    ...(except.length > 0 ? [`Brakeman checks ${except.join(', ')}`] : []),
    ...(app === '.' ? [] : [`Rails applications outside ${app}`]),
  ],
};
