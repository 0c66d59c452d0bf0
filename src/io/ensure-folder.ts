import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it. Node's own recursive mkdir never ends where the file system answers "not there"
 * to every attempt, as /proc does. @throws the file system's errors, but for a folder that is there
 */
export function ensureFolder(dir: string, mode = 0o777): void {
  try {
    mkdirSync(dir, { mode });
    return;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT' || dirname(dir) === dir) {
      // What is there may be a file: the use of it will say so.
      if (code === 'EEXIST') return;
      throw error;
    }
  }
  ensureFolder(dirname(dir), mode);
  try {
    mkdirSync(dir, { mode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
