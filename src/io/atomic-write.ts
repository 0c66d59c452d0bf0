import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A name beside the target that no other process or call uses. */
export function temporaryName(file: string): string {
  return `${file}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`;
}

/**
 * Writes a file whole or not at all; the last of several writers wins. There is no fsync: what a power cut leaves
 * half-written does not match its digest and is dropped when read.
 * @throws the file system's error; nothing is left behind
 */
export async function atomicWrite(file: string, data: string | Uint8Array): Promise<void> {
  const temporary = temporaryName(file);
  try {
    await writeFile(temporary, data, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      await rm(temporary, { force: true });
      throw error;
    }
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await atomicWrite(file, data);
    return;
  }
  try {
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
