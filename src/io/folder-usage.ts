import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

export interface FolderUsage {
  /** Files, folders, links and all else. */
  readonly files: number;
  /** What they take on the disk. */
  readonly bytes: number;
}

/** How many entries are read and asked about together. */
const TOGETHER = 128;

/**
 * What lies below a folder, to be asked while somebody writes to it. Ends early once either number is above `most`. A folder that
 * cannot be read may hold anything: it counts as infinitely many files. Follows no link of what it lists; blocks nothing.
 */
export async function folderUsage(folder: string, most: FolderUsage): Promise<FolderUsage> {
  let [files, bytes] = [0, 0];
  const waiting = [folder];
  for (let dir = waiting.pop(); dir !== undefined; dir = waiting.pop()) {
    try {
      for await (const names of namesOf(dir)) {
        files += names.length;
        for (const { path, blocks, isFolder } of await Promise.all(
          names.map((name) => lookAt(join(dir, name))),
        )) {
          // By blocks: a hole takes nothing.
          bytes += blocks * 512;
          if (isFolder) waiting.push(path);
        }
        if (files > most.files || bytes > most.bytes) return { files, bytes };
      }
    } catch (error) {
      if (!isGone(error)) return { files: Number.POSITIVE_INFINITY, bytes };
    }
  }
  return { files, bytes };
}

/** Never the whole of a folder at once: it may have millions. */
async function* namesOf(dir: string): AsyncGenerator<readonly string[]> {
  let names: string[] = [];
  for await (const { name } of await opendir(dir, { bufferSize: TOGETHER })) {
    names.push(name);
    if (names.length < TOGETHER) continue;
    yield names;
    names = [];
  }
  yield names;
}

async function lookAt(path: string) {
  try {
    const info = await lstat(path);
    return { path, blocks: info.blocks, isFolder: info.isDirectory() };
  } catch (error) {
    if (!isGone(error)) throw error;
    return { path, blocks: 0, isFolder: false };
  }
}

function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}
