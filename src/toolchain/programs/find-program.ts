import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, sep } from 'node:path';

export type FoundProgram =
  | { readonly found: 'yes'; readonly path: string }
  | { readonly found: 'no' }
  /** PATH has it, but inside the scanned tree: it is never started. */
  | { readonly found: 'refused'; readonly path: string };

/**
 * What PATH gives for a name. Relative and empty PATH entries are passed over: they depend on the working folder.
 * The first hit decides: one that lies, or by symbolic link ends, inside `forbidden` is refused.
 */
export function findProgram(name: string, path: string, forbidden: string | null): FoundProgram {
  if (!/^[A-Za-z0-9][A-Za-z0-9._+-]*$/.test(name)) return { found: 'no' };
  for (const folder of path.split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    const candidate = join(folder, name);
    if (!isExecutable(candidate)) continue;
    return isInside(candidate, forbidden) || isInside(folder, forbidden)
      ? { found: 'refused', path: candidate }
      : { found: 'yes', path: candidate };
  }
  return { found: 'no' };
}

/** PATH without relative entries and without those inside the scanned tree: what installers are started with. */
export function trustedPath(path: string, forbidden: string | null): string {
  return path
    .split(delimiter)
    .filter((folder) => isAbsolute(folder) && !isInside(folder, forbidden))
    .join(delimiter);
}

/** Whether a path is, or through symbolic links leads, into a folder. */
export function isInside(path: string, folder: string | null): boolean {
  if (folder === null) return false;
  const roots = [folder, realOrSelf(folder)];
  return [path, realOrSelf(path)].some((place) =>
    roots.some((root) => place === root || place.startsWith(root.endsWith(sep) ? root : root + sep)),
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function realOrSelf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
