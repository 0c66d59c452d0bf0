import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

// A bundle to be verified is foreign: nothing in it is followed, and nothing of it is read without an end.
const MAX_FILES = 100_000;
const MAX_DEPTH = 16;
const MAX_FILE_BYTES = 8 * 2 ** 30;
const MAX_TOTAL_BYTES = 64 * 2 ** 30;
const MAX_DOCUMENT_BYTES = 256 * 2 ** 20;
const CHUNK_BYTES = 2 ** 20;
// Neither a link nor a FIFO that was put there after the listing.
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export interface Listing {
  /** Path in the bundle to bytes, of regular files. */
  readonly files: ReadonlyMap<string, number>;
  /** `path: what is wrong`; where there is one, nothing is to be read. */
  readonly problems: readonly string[];
}

/** A bundle's files, once it is known that they are safe to read. */
export interface BundleFiles {
  /** Path in the bundle to bytes. */
  readonly files: Listing['files'];
  /** The bytes of a document; undefined when they are not there, too many, or not as many as listed. */
  bytesOf(path: string): Promise<Buffer | undefined>;
}

/** Every entry of a folder; links, devices, what is too much and what is not readable are problems. */
export async function listBundle(dir: string): Promise<Listing> {
  const files = new Map<string, number>();
  const problems: string[] = [];
  let total = 0;
  const folders = [{ path: '', depth: 0 }];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    const names = await readdir(join(dir, next.path)).catch(() => undefined);
    if (names === undefined)
      problems.push(`${next.path === '' ? '.' : next.path}: the folder is not readable`);
    for (const name of names ?? []) {
      const path = next.path === '' ? name : `${next.path}/${name}`;
      const facts = await lstat(join(dir, path)).catch(() => undefined);
      if (facts === undefined) {
        problems.push(`${path}: not readable under this name`);
        continue;
      }
      if (facts.isDirectory()) {
        if (next.depth >= MAX_DEPTH) problems.push(`${path}: nested too deep`);
        else folders.push({ path, depth: next.depth + 1 });
      } else if (!facts.isFile())
        problems.push(`${path}: ${facts.isSymbolicLink() ? 'a link' : 'not a regular file'}`);
      else if (facts.size > MAX_FILE_BYTES)
        problems.push(`${path}: larger than ${MAX_FILE_BYTES / 2 ** 30} GiB`);
      else files.set(path, facts.size);
      total += facts.isFile() ? facts.size : 0;
      if (files.size + problems.length > MAX_FILES || total > MAX_TOTAL_BYTES) {
        return { files, problems: [...problems, 'more files or bytes than a bundle may have'] };
      }
    }
  }
  return { files, problems };
}

/** sha256 of a regular file, in bounded memory; undefined when it is none, or another size than listed. */
export async function hashOf(dir: string, path: string, bytes: number): Promise<string | undefined> {
  return withFile(dir, path, bytes, async (file) => {
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let left = bytes; ; ) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) return left === 0 ? hash.digest('hex') : undefined;
      left -= bytesRead;
      if (left < 0) return undefined;
      hash.update(buffer.subarray(0, bytesRead));
    }
  });
}

/** The bytes of a document; undefined when they are not there or too many. */
export async function documentBytes(dir: string, path: string, bytes: number): Promise<Buffer | undefined> {
  if (bytes > MAX_DOCUMENT_BYTES) return undefined;
  return withFile(dir, path, bytes, async (file) => {
    const buffer = Buffer.alloc(bytes);
    let at = 0;
    while (at < bytes) {
      const { bytesRead } = await file.read(buffer, at, bytes - at, at);
      if (bytesRead === 0) return undefined;
      at += bytesRead;
    }
    return buffer;
  });
}

async function withFile<T>(
  dir: string,
  path: string,
  bytes: number,
  use: (file: FileHandle) => Promise<T | undefined>,
): Promise<T | undefined> {
  let file: FileHandle | undefined;
  try {
    file = await open(join(dir, path), READ);
    const facts = await file.stat();
    return facts.isFile() && facts.size === bytes ? await use(file) : undefined;
  } catch {
    return undefined;
  } finally {
    await file?.close();
  }
}
