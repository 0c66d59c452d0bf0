import { relative } from 'node:path';

/** How a path is named to people: from the folder that they are in, whole where it lies elsewhere or is that folder. */
export function shownPath(cwd: string, path: string): string {
  const near = relative(cwd, path);
  return near === '' || near.startsWith('..') ? path : near;
}
