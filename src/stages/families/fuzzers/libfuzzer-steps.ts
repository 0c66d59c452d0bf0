import type { CommandContext, Step } from '../../contract/command.ts';
import { fuzzTarget } from './fuzz-target.ts';

/** What differs between those who run such a target. */
interface LibfuzzerRun {
  /** Most memory that an input may take, in MB. */
  readonly rssLimitMb: number;
  readonly env?: Step['env'];
}

/** Builds a libFuzzer target where the manifest says how, and runs it for its time, ended from outside if need be. */
export function libfuzzerSteps(
  { args, target }: Pick<CommandContext<unknown>, 'args' | 'target'>,
  { rssLimitMb, env }: LibfuzzerRun,
): readonly Step[] {
  const { prepare, binary, seeds, seconds } = fuzzTarget(target);
  return [
    ...prepare,
    // The first folder is where it writes what it finds worth keeping.
    {
      id: 'folders',
      system: true,
      argv: ['mkdir', '-p', { at: 'tmp', sub: 'corpus' }, { at: 'tmp', sub: 'crashes' }],
      exits: { '0': 'ok' },
    },
    {
      id: 'fuzz',
      argv: [
        ...['timeout', '--kill-after=10', String(seconds + 120), binary],
        ...[
          `-max_total_time=${seconds}`,
          '-seed=1',
          '-print_final_stats=1',
          '-timeout=25',
          `-rss_limit_mb=${rssLimitMb}`,
        ],
        { at: 'tmp', sub: 'crashes', prefix: '-artifact_prefix=' },
        ...args,
        { at: 'tmp', sub: 'corpus' },
        ...(seeds === undefined ? [] : [seeds]),
      ],
      ...(env === undefined ? {} : { env }),
      stderr: 'report',
      // 1: a sanitizer found something; 70: an input took too long; 71: too much memory; 77: another crash.
      exits: { '0': 'clean', '1': 'findings', '70': 'findings', '71': 'findings', '77': 'findings' },
    },
  ];
}
