import { byCodeUnit } from '../../core/canonical.ts';
import type { UnexaminedFile } from '../../core/unexamined.ts';
import type { Examined } from '../../stages/contract/report.ts';

interface Told {
  readonly examined: Pick<Examined, 'files'>;
  readonly unexamined?: readonly UnexaminedFile[];
}

/**
 * Given minus examined, each file once with its reason, sorted by path. What the tool says of a file wins over the
 * list of those that it read: several tools list a file and report an error about it. A tool that lists no files is
 * believed about those that it names.
 */
export function unexaminedFiles(
  given: readonly string[],
  { examined: { files }, unexamined: said = [] }: Told,
): readonly UnexaminedFile[] {
  const found = new Map<string, UnexaminedFile>();
  for (const file of said) if (!found.has(file.path)) found.set(file.path, file);
  if (files !== undefined) {
    const read = new Set(files);
    for (const path of given)
      if (!read.has(path) && !found.has(path)) found.set(path, { path, why: { kind: 'silent' } });
  }
  return [...found.values()].sort((a, b) => byCodeUnit(a.path, b.path));
}
