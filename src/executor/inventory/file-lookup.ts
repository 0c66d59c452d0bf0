import { globReach, nameKind } from './glob-reach.ts';
import type { InventoryFile } from './types.ts';

/** Finds the files that globs can match without holding every file against them. */
export interface FileLookup {
  /** Rows in order; undefined stands for all. Holds every file that the globs match, and maybe more. */
  candidates(globs: readonly string[]): readonly number[] | undefined;
}

/** @param files sorted by path, by code unit */
export function createFileLookup(files: readonly InventoryFile[]): FileLookup {
  let byKind: Map<string, number[]> | undefined;
  const ofKind = (kind: string): readonly number[] => {
    byKind ??= rowsByKind(files);
    return byKind.get(kind) ?? [];
  };
  return {
    candidates(globs) {
      const reach = globReach(globs);
      if (reach === undefined) return undefined;
      const found: number[] = [];
      for (const kind of reach.kinds) for (const row of ofKind(kind)) found.push(row);
      for (const prefix of reach.prefixes) {
        for (let row = firstFrom(files, prefix); files[row]?.path.startsWith(prefix); row += 1)
          found.push(row);
      }
      // One list is in order already; several may overlap.
      if (reach.kinds.length + reach.prefixes.length < 2) return found;
      return [...new Set(found)].sort((a, b) => a - b);
    },
  };
}

function rowsByKind(files: readonly InventoryFile[]): Map<string, number[]> {
  const rows = new Map<string, number[]>();
  for (const [row, { path }] of files.entries()) {
    const kind = nameKind(path);
    const list = rows.get(kind);
    if (list === undefined) rows.set(kind, [row]);
    else list.push(row);
  }
  return rows;
}

/** The first row whose path is not before a text. */
function firstFrom(files: readonly InventoryFile[], text: string): number {
  let from = 0;
  let to = files.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((files[middle]?.path ?? '') < text) from = middle + 1;
    else to = middle;
  }
  return from;
}
