import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';

/**
 * Writes a file of a commit into a folder of our own. A path that leaves the folder is skipped: git refuses trees with `..` in
 * them, but not every tool that makes trees does.
 * @param folder absolute, links resolved
 */
export function placeFile(folder: string, path: string, content: string | Buffer): void {
  const file = resolve(folder, path);
  if (!file.startsWith(folder + sep)) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
