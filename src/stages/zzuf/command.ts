import type { ArgvPart, StageCommand } from '../contract/command.ts';
import { fuzzTarget } from '../families/fuzzers/fuzz-target.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args, target }) => {
    const { prepare, binary, seeds, seconds } = fuzzTarget(target);
    const folder = seeds ?? ({ at: 'asset', name: 'seeds' } as const);
    const seed =
      typeof folder === 'string' ? folder : { ...folder, sub: [...under(folder), options.seed].join('/') };
    return [
      ...prepare,
      {
        id: 'fuzz',
        argv: [
          // It says of each run that it was started and how it ended: the proof that there were any.
          ...[
            'zzuf',
            '--verbose',
            '--quiet',
            '--seed',
            `0:${options.inputs}`,
            '--ratio',
            String(options.ratio),
          ],
          ...['--max-crashes', '3', '--max-cputime', '2', '--max-time', String(seconds)],
          ...args,
          // No `--`: it would be taken for the program.
          binary,
          seed,
        ],
        stderr: 'report',
        exits: { '0': 'clean', '1': 'findings' },
      },
    ];
  },
  notChecked: () => [
    'seeds other than the seed option',
    'paths that random bit changes do not reach: zzuf does not observe the program',
  ],
};

/** The folder of a place, as the beginning of a path below it. */
function under(part: Exclude<ArgvPart, string>): string[] {
  return 'sub' in part && part.sub !== undefined ? [part.sub] : [];
}
