import { closeSync, fstatSync, futimesSync, openSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** Uses closer together than this need not be told apart to find what was used least recently. */
const TOUCH_AFTER_MS = 10 * 60_000;
/** Up to here a read is quicker than the way to the thread pool and back. */
const SMALL_BYTES = 2 ** 20;

/** Reads a file of the cache and notes that it was used just now. Undefined when it is not available. */
export async function readCacheFile(path: string): Promise<Buffer | undefined> {
  try {
    const file = openSync(path, 'r');
    try {
      const { size, atimeMs, mtime } = fstatSync(file);
      touch(file, atimeMs, mtime);
      if (size <= SMALL_BYTES) return readFileSync(file);
    } finally {
      closeSync(file);
    }
    return await readFile(path);
  } catch {
    return undefined;
  }
}

/** Access times are kept by us, as mounts often do not. */
function touch(file: number, atimeMs: number, mtime: Date): void {
  const now = Date.now();
  if (now - atimeMs <= TOUCH_AFTER_MS) return;
  try {
    futimesSync(file, new Date(now), mtime);
  } catch {
    // Read-only, or another user's: it is then pruned a little earlier.
  }
}
