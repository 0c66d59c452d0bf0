import { realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';

/** A path relative to a folder above it, with `/`; undefined for the folder itself and for what lies outside. By name: no link is resolved. */
export function pathBelow(folder: string, path: string): string | undefined {
  const below = relative(folder, path);
  const outside = below === '' || below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below);
  return outside ? undefined : below.split(sep).join('/');
}

/** Whether a path lies in a folder or is it, links resolved on both sides; also of a path that does not exist yet. */
export function liesIn(path: string, folder: string): boolean {
  const [inner, outer] = [realPathOf(path), realPathOf(folder)];
  return inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);
}

/** A path with links resolved as far as it exists. */
export function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(realPathOf(above), basename(path));
  }
}
