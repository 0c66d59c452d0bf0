import { posix } from 'node:path';

/**
 * Maps a path or file URI as a tool wrote it to one relative to the source root, with `/`.
 * Undefined when it lies outside. Pure: `root` is the absolute folder that the tool was shown.
 */
export function relativeTo(root: string): (path: string) => string | undefined {
  const base = posix.normalize(root).replace(/\/$/, '');
  return (path) => {
    const plain = path.startsWith('file:') ? fromFileUri(path) : path;
    if (plain === '' || plain.includes('\0')) return undefined;
    const absolute = posix.normalize(plain.startsWith('/') ? plain : `${base}/${plain}`);
    if (!absolute.startsWith(`${base}/`)) return undefined;
    const relative = absolute.slice(base.length + 1);
    return relative === '' ? undefined : relative;
  };
}

function fromFileUri(uri: string): string {
  const path = uri.replace(/^file:(\/\/[^/]*)?/, '');
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
