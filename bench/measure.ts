import { spawnSync } from 'node:child_process';

/** One side of a comparison: runs once and gives its figure, in the row's unit. */
export interface Side {
  readonly name: string;
  readonly once: () => number | Promise<number>;
}

export interface Samples {
  readonly name: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

/**
 * Runs every side in turn, `runs` times after one that is not counted, so that what else the machine does falls on
 * all sides alike.
 */
export async function interleave(sides: readonly Side[], runs: number): Promise<readonly Samples[]> {
  const found = sides.map(() => [] as number[]);
  for (let run = -1; run < runs; run += 1) {
    for (const [index, side] of sides.entries()) {
      const figure = await side.once();
      if (run >= 0) found[index]?.push(figure);
    }
  }
  return sides.map(({ name }, index) => samplesOf(name, found[index] ?? []));
}

function samplesOf(name: string, values: number[]): Samples {
  const sorted = values.sort((a, b) => a - b);
  return {
    name,
    median: sorted[sorted.length >> 1] ?? Number.NaN,
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
    runs: sorted.length,
  };
}

export interface Command {
  readonly argv: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes that count as having worked; default 0. */
  readonly exits?: readonly number[];
}

/** Wall time of a process from start to end, milliseconds. @throws when it does not exit as it should */
export function wallMs(command: Command): number {
  const start = performance.now();
  run(command);
  return performance.now() - start;
}

/** Standard output of a process. @throws when it does not exit as it should */
export function run({ argv, cwd, env, exits = [0] }: Command): string {
  const [program = '', ...args] = argv;
  const result = spawnSync(program, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  if (result.error !== undefined) throw result.error;
  if (result.status !== null && exits.includes(result.status)) return result.stdout;
  throw new Error(`${argv.join(' ')}: exit ${result.status ?? result.signal}\n${result.stderr.slice(-2000)}`);
}
