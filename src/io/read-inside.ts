import { closeSync, constants, fstatSync, openSync, readFileSync, readSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** What a regular file below a folder holds; undefined for one that is larger, cannot be read, or is outside through links. */
export function readInside(root: string, path: string, maxBytes: number): Buffer | undefined {
  return withFile(root, path, (file, size) => (size > maxBytes ? undefined : readFileSync(file)));
}

/** Its first bytes, at most so many. */
export function readStart(root: string, path: string, bytes: number): Buffer | undefined {
  return withFile(root, path, (file) => {
    const start = Buffer.alloc(bytes);
    return start.subarray(0, readSync(file, start, 0, bytes, 0));
  });
}

function withFile(
  root: string,
  path: string,
  read: (file: number, size: number) => Buffer | undefined,
): Buffer | undefined {
  let file: number | undefined;
  try {
    const real = realpathSync(join(root, path));
    if (!real.startsWith(`${realpathSync(root)}/`)) return undefined;
    // A FIFO would block the whole process without O_NONBLOCK.
    file = openSync(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stat = fstatSync(file);
    return stat.isFile() ? read(file, stat.size) : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
