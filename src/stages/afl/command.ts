import type { StageCommand } from '../contract/command.ts';
import { fuzzTarget } from '../families/fuzzers/fuzz-target.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ args, target }) => {
    const { prepare, binary, seeds, seconds } = fuzzTarget(target);
    return [
      ...prepare,
      {
        id: 'fuzz',
        argv: [
          ...['afl-fuzz', '-V', String(seconds), '-s', '1', '-m', 'none', ...args],
          ...['-i', seeds ?? ({ at: 'asset', name: 'seeds' } as const)],
          ...['-o', { at: 'out', sub: 'afl' } as const, '--', binary, '@@'],
        ],
        env: {
          AFL_NO_UI: '1',
          AFL_NO_COLOR: '1',
          // A sandbox has no say in the machine's frequency, cores and crash reports.
          AFL_SKIP_CPUFREQ: '1',
          AFL_NO_AFFINITY: '1',
          AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES: '1',
        },
        // It ends with 0 whatever it found: its statistics tell.
        exits: { '0': 'ok' },
      },
    ];
  },
  notChecked: () => [
    'flaws that need more time than the target allows',
    'flaws that do not crash the program: build it with a sanitizer',
  ],
};
