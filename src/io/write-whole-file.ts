import { randomBytes } from 'node:crypto';
import { link, rename, rm, stat, writeFile } from 'node:fs/promises';
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

/**
 * Writes where the user says: a device or a pipe, /dev/null or /dev/stdout, is written to and never replaced by a file.
 * Not for places that a repository chooses.
 * @throws the file system's errors
 */
export async function writeOutput(path: string, text: string): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there === undefined || there.isFile()) return writeWholeFile(path, text);
  await writeFile(path, text);
}
