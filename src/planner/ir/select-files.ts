import type { ModelTarget } from '../../compiler/model/model.ts';
import { byCodeUnit } from '../../core/canonical.ts';
import type { Selection } from '../../stages/contract/requirements.ts';
import type { PlannedSelection } from './ir.ts';

/** A stage's own selection joined with its target's; `excludedByManifest` is what only the target takes away. */
export interface SelectedFiles {
  readonly selection: PlannedSelection;
  readonly excludedByManifest: readonly string[];
}

/**
 * Joins what a scanner reads with what the manifest gives it, as globs relative to the workspace. `scripts` are files
 * that a custom stage starts: it needs to see them wherever its inputs are. `named` are files or folders that the
 * target names besides its own path.
 */
export function selectFiles(
  required: Selection | undefined,
  target: ModelTarget,
  scripts: readonly string[] = [],
  named: readonly string[] = [],
): SelectedFiles {
  const joined = join(required, target);
  if (scripts.length === 0 && named.length === 0) return joined;
  const more = [...scripts.map(escapeGlob), ...named.flatMap(itself)];
  const add = (globs: readonly string[]): readonly string[] =>
    [...new Set([...globs, ...more])].sort(byCodeUnit);
  const { include, limitTo, ...rest } = joined.selection;
  const selection = {
    ...rest,
    include: add(include),
    ...(limitTo === undefined ? {} : { limitTo: add(limitTo) }),
  };
  return { ...joined, selection };
}

function join(required: Selection | undefined, target: ModelTarget): SelectedFiles {
  if (target.path === undefined) return { selection: { include: [] }, excludedByManifest: [] };
  const below = (globs: readonly string[]) => globsBelow(target.path, globs);
  // A target may be a single file: nothing lies below it.
  const self = target.path === '.' || target.kind === 'source' ? [] : [escapeGlob(target.path)];
  const include = [...new Set([...below(required?.include ?? ['**']), ...self])].sort(byCodeUnit);
  const own = below(required?.exclude ?? []);
  const limitTo = below(target.include);
  const excludedByManifest = below(target.exclude).filter((glob) => !own.includes(glob));
  const everything = underPath(target.path, '**');
  const exclude = [...own, ...excludedByManifest].sort(byCodeUnit);
  const rest = {
    ...(exclude.length > 0 ? { exclude } : {}),
    ...(required?.interpreters === undefined ? {} : { interpreters: required.interpreters }),
  };
  // An intersection of globs is no glob: `limitTo` holds the second list, unless one of the two takes everything.
  if (limitTo.length === 0 || limitTo.includes(everything))
    return { selection: { ...rest, include }, excludedByManifest };
  if (include.includes(everything)) return { selection: { ...rest, include: limitTo }, excludedByManifest };
  return { selection: { ...rest, include, limitTo }, excludedByManifest };
}

/** A target's globs as globs of the workspace, sorted, each once. */
export function globsBelow(path: string | undefined, globs: readonly string[]): readonly string[] {
  if (globs.length === 0) return NONE;
  return [...new Set(globs.map((glob) => underPath(path ?? '.', glob)))].sort(byCodeUnit);
}

const NONE: readonly string[] = [];

/** A glob below a folder of the workspace; special characters of the folder's own name are escaped. */
function underPath(path: string, glob: string): string {
  const plain = glob.replace(/^(?:\.\/)+/, '').replace(/\/$/, '/**');
  const folder = path.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
  if (folder === '' || folder === '.') return plain;
  return `${escapeGlob(folder)}/${plain}`;
}

/** A path of the workspace as globs, be it a file or a folder. */
function itself(path: string): string[] {
  const plain = path.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
  return plain === '' || plain === '.' ? ['**'] : [escapeGlob(plain), `${escapeGlob(plain)}/**`];
}

function escapeGlob(path: string): string {
  return path.replace(/[*?{}[\]\\]/g, '\\$&');
}
