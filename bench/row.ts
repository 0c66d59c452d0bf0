import type { InstalledPackage } from '../scripts/pack-and-install.ts';
import type { Samples } from './measure.ts';

export interface BenchContext {
  /** Temporary folder of this run, outside the repository. */
  readonly dir: string;
  /** The repository. */
  readonly root: string;
  /** The tarball that is measured, installed into a folder of this run. */
  readonly installed: InstalledPackage;
  /** Runs the installed command line: `[node, …/bin/secplan.mjs]`. */
  readonly secplan: readonly string[];
  readonly node: string;
  /** Samples a side. */
  readonly runs: number;
  /** What is taken along by `--with NAME`: slow or large parts. */
  readonly extras: ReadonlySet<string>;
}

/** One line of the table. */
export interface Figure {
  readonly what: string;
  readonly unit: 'ms' | 'MB' | 'packages';
  readonly ours: Samples;
  readonly others: readonly Samples[];
  /** The figure to reach in this run, from what was measured beside it; undefined where there is none. */
  readonly reach?: { readonly text: string; readonly limit: number };
}

export interface Row {
  readonly id: string;
  /** What is compared with what, one or two sentences. */
  readonly about: string;
  readonly measure: (context: BenchContext) => Promise<readonly Figure[]>;
}

/** Finds one side of an interleaved comparison. @throws RangeError on a name that was not measured */
export function sideOf(samples: readonly Samples[], name: string): Samples {
  const found = samples.find((each) => each.name === name);
  if (found === undefined) throw new RangeError(`not measured: ${name}`);
  return found;
}

/** A figure from an interleaved comparison whose first side is ours. */
export function figure(
  what: string,
  samples: readonly Samples[],
  reach?: Figure['reach'],
  unit: Figure['unit'] = 'ms',
): Figure {
  const [ours, ...others] = samples;
  if (ours === undefined) throw new RangeError(`nothing measured: ${what}`);
  return { what, unit, ours, others, ...(reach === undefined ? {} : { reach }) };
}
