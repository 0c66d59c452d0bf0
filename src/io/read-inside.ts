import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** What a regular file below a folder holds; undefined for one that is larger, cannot be read, or is outside through links. */
export function readInside(root: string, path: string, maxBytes: number): Buffer | undefined {
  let file: number | undefined;
  try {
    const real = realpathSync(join(root, path));
    if (!real.startsWith(`${realpathSync(root)}/`)) return undefined;
    // A FIFO would block the whole process without O_NONBLOCK.
    file = openSync(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stat = fstatSync(file);
    if (!stat.isFile() || stat.size > maxBytes) return undefined;
    return readFileSync(file);
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
