import { expandGlob } from './glob.ts';

/** Where the paths that globs can match are to be found. */
export interface GlobReach {
  /** Beginnings of paths. */
  readonly prefixes: readonly string[];
  /** Kinds of file name, as `nameKind` tells them. */
  readonly kinds: readonly string[];
}

const SPECIAL = /[*?[\]{}\\]/;

/** What a name is looked up by: its last extension with the dot, else the whole name. */
export function nameKind(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot < 0 ? name : name.slice(dot);
}

/**
 * Bounds what globs can match, so that not every file need be held against them: each matching path begins with one
 * of the prefixes or is of one of the kinds. Undefined where they can match anything.
 */
export function globReach(globs: readonly string[]): GlobReach | undefined {
  const prefixes = new Set<string>();
  const kinds = new Set<string>();
  for (const glob of globs.flatMap(expandGlob)) {
    const special = glob.search(SPECIAL);
    if (special < 0) {
      prefixes.add(glob);
      continue;
    }
    // Without its slash: `a/**/**` also matches a file called a.
    const folder = glob.slice(0, Math.max(0, glob.lastIndexOf('/', special)));
    const kind = folder === '' ? kindOf(glob) : undefined;
    if (folder !== '') prefixes.add(folder);
    else if (kind !== undefined) kinds.add(kind);
    else return undefined;
  }
  return { prefixes: [...prefixes], kinds: [...kinds] };
}

/** The kind of all names that the last level of a glob can match; undefined where there are several. */
function kindOf(glob: string): string | undefined {
  const level = glob.slice(glob.lastIndexOf('/') + 1);
  // A backslash may stand before a slash, and a class may hold one: such globs are not changed.
  if (level === '' || /[\\[\]{}]/.test(glob)) return undefined;
  if (!SPECIAL.test(level)) return nameKind(level);
  const tail = level.slice(Math.max(level.lastIndexOf('*'), level.lastIndexOf('?')) + 1);
  return tail.includes('.') ? tail.slice(tail.lastIndexOf('.')) : undefined;
}
