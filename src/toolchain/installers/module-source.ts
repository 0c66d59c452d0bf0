import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { byCodeUnit } from '../../core/canonical.ts';
import type { LockedPackage } from '../../lock/lock-types.ts';
import { type Attempt, refuse } from '../shared/problem.ts';

const MAX_FILES = 100_000;
/** A module's zip holds 500 MB at most (golang.org/ref/mod). */
const MAX_BYTES = 500 * 2 ** 20;

/**
 * Copies a module's files out of Go's cache, writable, and holds the bytes that were written to the locked `h1:`. Go
 * compares that with a note beside the zip, so a file changed in the cache since would go unseen.
 */
export async function copyModule(
  from: string,
  to: string,
  module: Pick<LockedPackage, 'name' | 'version' | 'hashes'>,
): Promise<Attempt<object>> {
  const paths = await filesBelow(from);
  if (!paths.ok) return paths;
  const lines: { readonly name: string; readonly hash: string }[] = [];
  let bytes = 0;
  for (const path of paths.files) {
    const content = await readFile(join(from, path));
    bytes += content.length;
    if (bytes > MAX_BYTES) return refuse('SP4004', `${module.name} is larger than the limit for a module`);
    const target = join(to, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
    lines.push({
      name: `${module.name}@${module.version}/${path}`,
      hash: createHash('sha256').update(content).digest('hex'),
    });
  }
  const sum = hash1(lines);
  if (module.hashes.includes(sum)) return { ok: true };
  return refuse(
    'SP4004',
    `the files of ${module.name}@${module.version} are ${sum}, locked is ${module.hashes.join(', ')}`,
    'Empty the module cache: go clean -modcache.',
  );
}

/** golang.org/x/mod/sumdb/dirhash, Hash1: the sha256 of a sorted list of sha256 and name. */
function hash1(files: readonly { readonly name: string; readonly hash: string }[]): string {
  const whole = createHash('sha256');
  for (const { name, hash } of files.toSorted((a, b) =>
    Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)),
  ))
    whole.update(`${hash}  ${name}\n`);
  return `h1:${whole.digest('base64')}`;
}

/** Paths of all files, with `/`. What a module's zip cannot hold is refused. */
async function filesBelow(root: string): Promise<Attempt<{ files: readonly string[] }>> {
  const files: string[] = [];
  const open = [''];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    for (const entry of entries.toSorted((a, b) => byCodeUnit(a.name, b.name))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) open.push(path);
      else if (entry.isFile()) files.push(path);
      else return refuse('SP4004', `${path} of the module is neither a file nor a folder`);
    }
    if (files.length > MAX_FILES) return refuse('SP4004', `the module has more than ${MAX_FILES} files`);
  }
  return { ok: true, files };
}
