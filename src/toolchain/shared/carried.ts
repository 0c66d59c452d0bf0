import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile } from '../../io/hash-file.ts';
import { type Attempt, refuse } from './problem.ts';

/** Downloads of one tool that were carried in. Their hashes identify them, never their names. */
export interface Carried {
  readonly dir: string;
  /** Every file, with the hashes in all forms that a lock may use. */
  readonly files: readonly { readonly path: string; readonly hashes: readonly string[] }[];
}

/** Reads and hashes what was carried in for one tool. */
export async function openCarried(dir: string): Promise<Carried> {
  const entries = (await readdir(dir, { withFileTypes: true })).filter((entry) => entry.isFile());
  const files = [];
  for (const { name } of entries) {
    const path = join(dir, name);
    const hashes = [`sha256:${await hashFile(path)}`, `sha512-${await hashFile(path, 'sha512', 'base64')}`];
    files.push({ path, hashes });
  }
  return { dir, files };
}

/** The carried file with one of the locked hashes; SP4004 where none has. */
export function findCarried(
  carried: Carried,
  what: string,
  hashes: readonly string[],
): Attempt<{ path: string }> {
  const found = carried.files.find((file) => file.hashes.some((hash) => hashes.includes(hash)));
  if (found !== undefined) return { ok: true, path: found.path };
  return refuse('SP4004', `the bundle does not contain ${what} as locked: ${hashes.join(', ')}`);
}
