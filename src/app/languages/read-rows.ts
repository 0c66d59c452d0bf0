import type { Category } from '../../core/category.ts';
import { compileGlobs } from '../../executor/inventory/glob.ts';
import type { InventoryFile } from '../../executor/inventory/types.ts';
import { isToolStage, type Plan, type ScanStage, type ToolStage } from '../../planner/ir/ir.ts';
import type { Covers } from '../../stages/contract/looks-for.ts';
import type { LanguageRows } from './files-by-language.ts';

/** The files that a scanner was given, in the order of the inventory, and whether it finished. */
export interface Given {
  readonly stage: ScanStage;
  readonly files: readonly InventoryFile[];
  readonly finished: boolean;
}

/** Who read the files of one language. */
export interface Readers {
  readonly readIn: Set<Category>;
  /** Tools that finished. */
  readonly tools: Set<string>;
  /** Tools that were given files and did not finish. */
  readonly unfinished: Set<string>;
}

export interface ReadRows {
  /** 1 where a scanner that finished read the row for a category of its language. */
  readonly read: Uint8Array;
  /** By number of language. */
  readonly readers: readonly Readers[];
}

/** Marks what the scanners read of the code. */
export function readRows(
  files: readonly InventoryFile[],
  { rows, languages }: LanguageRows,
  given: readonly Given[],
  plan: Plan,
): ReadRows {
  const read = new Uint8Array(files.length);
  const readers = languages.map(
    (): Readers => ({ readIn: new Set(), tools: new Set(), unfinished: new Set() }),
  );
  // Many stages may be given the very same files.
  const seen = new WeakMap<readonly InventoryFile[], Map<string, ReadonlySet<number>>>();
  const reads = (covers: Covers, one: Given): ReadonlySet<number> => {
    const known = seen.get(one.files) ?? new Map<string, ReadonlySet<number>>();
    seen.set(one.files, known);
    const key = `${covers.category} ${one.finished} ${covers.reads?.join(' ') ?? ''}`;
    const found = known.get(key) ?? mark(covers, one);
    known.set(key, found);
    return found;
  };
  const mark = ({ category, reads: globs }: Covers, one: Given): ReadonlySet<number> => {
    const wanted = languages.map((language) => language?.categories.includes(category) === true);
    const found = new Set<number>();
    if (!wanted.includes(true)) return found;
    const takes = globs === undefined ? undefined : compileGlobs(globs);
    let row = rowOf(files, one.files[0]);
    for (const file of one.files) {
      while (files[row] !== file && row < files.length) row++;
      const number = rows[row] ?? 0;
      if (wanted[number] !== true || takes?.(file.path) === false) continue;
      found.add(number);
      if (one.finished) read[row] = 1;
    }
    return found;
  };
  for (const one of given) {
    for (const covers of coveredBy(one.stage, plan)) {
      for (const number of reads(covers, one)) {
        const own = readers[number];
        (one.finished ? own?.tools : own?.unfinished)?.add(one.stage.tool);
        if (one.finished) own?.readIn.add(covers.category);
      }
    }
  }
  return { read, readers };
}

/** Where a file stands in a list that is sorted by path, by code unit. */
function rowOf(files: readonly InventoryFile[], file: InventoryFile | undefined): number {
  const path = file?.path ?? '';
  let low = 0;
  let high = files.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((files[middle]?.path ?? '') < path) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What a stage covers; a database that holds some of the files lets nothing else be read. */
function coveredBy(stage: ScanStage, { stages }: Plan): readonly Covers[] {
  if (stage.covers !== undefined) return stage.covers;
  const own = [{ category: stage.category }];
  if (stage.needs.length === 0) return own;
  const database = stages.find(
    (other): other is ToolStage =>
      isToolStage(other) &&
      other.kind === 'database' &&
      other.covers !== undefined &&
      stage.needs.includes(other.id),
  );
  return database?.covers ?? own;
}
