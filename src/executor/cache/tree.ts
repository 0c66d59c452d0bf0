import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { byCodeUnit, canonicalJson } from '../../core/canonical.ts';
import { type Digest, isDigest } from '../../core/ids.ts';
import { isSourcePath } from '../../stages/contract/source-path.ts';
import type { BlobStore } from '../ports.ts';

/** The files of an output that is a tree, sorted by path: what its parser reads, and what its digest is made of. */
export interface TreeList {
  readonly schema: 'https://secplan.dev/schema/tree/v1';
  readonly files: readonly {
    /** Relative to the tree, with `/`. */
    readonly path: string;
    /** sha256 of the content. */
    readonly digest: Digest;
    readonly size: number;
    readonly executable: boolean;
  }[];
}

const SCHEMA = 'https://secplan.dev/schema/tree/v1';
const MOST_FILES = 200_000;

/**
 * Keeps a folder's files and gives the canonical list of them. Links and other special files are an error: what is
 * behind one would not be in the digest. Files named in `without` are left where they are. Undefined where the folder is
 * not there.
 * @throws RangeError on such a file, or on too many; the file system's errors
 */
export async function storeTree(
  blobs: BlobStore,
  folder: string,
  without: readonly string[] = [],
): Promise<string | undefined> {
  if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return undefined;
  const files: TreeList['files'][number][] = [];
  for (const path of filesBelow(folder)) {
    if (without.includes(basename(path))) continue;
    const kept = await blobs.putFile(join(folder, path));
    files.push({ path, ...kept, executable: (lstatSync(join(folder, path)).mode & 0o100) !== 0 });
  }
  return canonicalJson({ schema: SCHEMA, files: files.sort((a, b) => byCodeUnit(a.path, b.path)) });
}

function filesBelow(root: string): string[] {
  const found: string[] = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) found.push(path);
      else throw new RangeError(`${path} is neither a file nor a folder`);
      if (found.length > MOST_FILES) throw new RangeError(`more than ${MOST_FILES} files`);
    }
  }
  return found;
}

/** Reads the list of a tree; undefined where it is none. Never throws. */
export function readTree(text: string): TreeList | undefined {
  let value: Partial<TreeList> | null;
  try {
    value = JSON.parse(text) as Partial<TreeList> | null;
  } catch {
    return undefined;
  }
  const { files } = value ?? {};
  if (value?.schema !== SCHEMA || !Array.isArray(files)) return undefined;
  return files.every(isTreeFile) ? { schema: SCHEMA, files } : undefined;
}

function isTreeFile(value: unknown): boolean {
  const file = value as Partial<TreeList['files'][number]> | null;
  if (typeof file?.path !== 'string' || typeof file.digest !== 'string') return false;
  return isSourcePath(file.path) && isDigest(file.digest) && typeof file.size === 'number';
}

export interface LayOptions {
  /** Links are not to be written to. */
  readonly link: boolean;
  /** Another user must be able to read it: also what is kept, which a folder of this user's own holds. */
  readonly forOthers?: boolean;
}

/** Lays a tree out below a folder; false where one of its files is no longer kept. */
export async function layTree(
  blobs: BlobStore,
  { files }: TreeList,
  folder: string,
  { link, forOthers = false }: LayOptions,
): Promise<boolean> {
  const opened = new Set<string>();
  for (const file of files) {
    const path = join(folder, file.path);
    if (!(await blobs.place(file.digest, path, link))) return false;
    if (!link) chmodSync(path, file.executable ? 0o755 : 0o644);
    else if (forOthers) chmodSync(path, 0o644);
    if (forOthers) openFolders(folder, dirname(path), opened);
  }
  return true;
}

function openFolders(root: string, folder: string, opened: Set<string>): void {
  for (let at = folder; at.length >= root.length && !opened.has(at); at = dirname(at)) {
    opened.add(at);
    chmodSync(at, 0o755);
  }
}
