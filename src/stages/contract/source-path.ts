/**
 * A path or file URI as a tool wrote it, to one relative to the workspace, with `/`.
 * Undefined when it lies outside or is no path at all. `sourceRoot` is where the tool saw the workspace.
 */
export function sourcePath(sourceRoot: string, written: string): string | undefined {
  const plain = fromUri(written);
  if (plain === undefined || plain === '' || plain.includes('\0')) return undefined;
  const inside = plain.startsWith('/') ? belowRoot(sourceRoot, plain) : plain;
  if (inside === undefined) return undefined;
  const segments: string[] = [];
  for (const segment of inside.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') segments.push(segment);
    else if (segments.pop() === undefined) return undefined;
  }
  return segments.length === 0 ? undefined : segments.join('/');
}

/** Whether a path is what findings may hold: relative, normalised, without `..`. */
export function isSourcePath(path: string): boolean {
  return path !== '' && !path.includes('\0') && sourcePath('/', path) === path;
}

function fromUri(written: string): string | undefined {
  const match = /^file:(?:\/\/(?<host>[^/]*))?(?<path>\/?.*)$/s.exec(written);
  if (match?.groups === undefined) return /^[a-z][a-z0-9+.-]+:\/\//i.test(written) ? undefined : written;
  const host = match.groups.host ?? '';
  if (host !== '' && host !== 'localhost') return undefined;
  try {
    return decodeURIComponent(match.groups.path ?? '');
  } catch {
    return undefined;
  }
}

function belowRoot(sourceRoot: string, path: string): string | undefined {
  const root = sourceRoot.endsWith('/') ? sourceRoot : `${sourceRoot}/`;
  const normal = path.replace(/\/{2,}/g, '/');
  return normal.startsWith(root) ? normal.slice(root.length) : undefined;
}
