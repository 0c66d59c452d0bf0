import { readInside } from './read-inside.ts';

/** The text of one line of a workspace file, without its line end; undefined where there is none. Lines count from 1. */
export type ReadLine = (path: string, line: number) => string | undefined;

const MAX_FILE_BYTES = 16 * 2 ** 20;
const MAX_CACHED_BYTES = 64 * 2 ** 20;

/**
 * Reads lines of the files named and of no others, each file once. Files over 16 MiB, and links that lead out of
 * the root, read as nothing. Keeps at most 64 MiB.
 */
export function createLineReader(root: string, allowed: Pick<ReadonlySet<string>, 'has'>): ReadLine {
  const files = new Map<string, readonly string[]>();
  let cachedBytes = 0;

  return function readLine(path, line) {
    if (!allowed.has(path)) return undefined;
    let content = files.get(path);
    if (content === undefined) {
      const text = readInside(root, path, MAX_FILE_BYTES)?.toString('utf8') ?? '';
      if (cachedBytes + text.length > MAX_CACHED_BYTES) {
        files.clear();
        cachedBytes = 0;
      }
      cachedBytes += text.length;
      content = text.split(/\r\n|\n|\r/);
      files.set(path, content);
    }
    return content[line - 1];
  };
}
