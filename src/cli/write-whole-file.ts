import { randomBytes } from 'node:crypto';
import { link, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Writes a file whole or not at all: beside its place first, then moved there.
 * @param fresh refuse (EEXIST) where a file is there already, also one that came meanwhile
 * @throws the file system's errors
 */
export async function writeWholeFile(path: string, text: string, fresh = false): Promise<void> {
  const temporary = join(dirname(path), `.secplan-${randomBytes(6).toString('hex')}.tmp`);
  try {
    await writeFile(temporary, text, { flag: 'wx' });
    if (fresh) await link(temporary, path);
    else await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}
