import type { ArgvPart, Step } from '../../contract/command.ts';
import type { CommandTarget } from '../../contract/target.ts';

/** Where a fuzz target's program and seeds are once the steps before have run. */
export interface FuzzTarget {
  /** Brings the program about where it has to be built, and sees that it can be run: zzuf would not tell. */
  readonly prepare: readonly Step[];
  readonly binary: ArgvPart;
  /** A folder; undefined where the target names none. */
  readonly seeds: ArgvPart | undefined;
  readonly seconds: number;
}

/** Seconds, where the target does not say. */
const DEFAULT_SECONDS = 60;
/** Where the tree is built: the view itself is not to be written to. */
const TREE = 'tree';

/** What a manifest's fuzz target says, as parts of a command. A build runs in a copy of the tree, in the stage's own sandbox. */
export function fuzzTarget({ details }: CommandTarget): FuzzTarget {
  const binary = text(details.binary) ?? 'fuzz-target';
  const seeds = text(details.seeds);
  const build = Array.isArray(details.build) ? details.build.map(String) : [];
  const seconds = typeof details.seconds === 'number' ? details.seconds : DEFAULT_SECONDS;
  const built = build.length > 0;
  const program: ArgvPart = built ? { at: 'tmp', sub: `${TREE}/${binary}` } : { at: 'source', sub: binary };
  const runs: Step = { id: 'program', system: true, argv: ['test', '-x', program], exits: { '0': 'ok' } };
  return {
    prepare: built ? [copy(), builds(build), runs] : [runs],
    binary: program,
    seeds: seeds === undefined ? undefined : { at: 'source', sub: seeds },
    seconds,
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.replace(/^(?:\.\/)+/, '') : undefined;
}

function copy(): Step {
  return {
    id: 'copy',
    system: true,
    argv: ['cp', '-r', '.', { at: 'tmp', sub: TREE }],
    exits: { '0': 'ok' },
  };
}

function builds(argv: readonly string[]): Step {
  return {
    id: 'build',
    system: true,
    argv: ['env', '-C', { at: 'tmp', sub: TREE }, ...argv],
    // What OSS-Fuzz gives the builds of its projects.
    env: { LIB_FUZZING_ENGINE: '-fsanitize=fuzzer', OUT: { at: 'tmp', sub: TREE } },
    exits: { '0': 'ok' },
  };
}

/** A path in a program's own words, in the copy that was built, as one of the workspace. */
export function inTree(written: string): string {
  return written.replace(/^\/tmp\/tree\//, '');
}
