import { existsSync, lstatSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Result } from '../core/result.ts';
import { findGit, type GitPlace } from './git-command.ts';
import { pathBelow } from './paths.ts';

export type FoundRepository = Result<
  { readonly place: GitPlace },
  { readonly why: 'no-repository' | 'no-git' }
>;

/**
 * The repository that a folder (absolute, with links resolved) lies in, and a git to ask about it: the first on `path` that
 * is not one of the repository's own files. A `.git` above the folder counts only if it belongs to the folder's owner, to
 * us or to root, as does what it is a link to: anyone can put one in /tmp and so decide what is seen below it.
 */
export function findRepository(folder: string, path: string | undefined): FoundRepository {
  const workTree = workTreeOf(folder);
  if (workTree === undefined) return { ok: false, why: 'no-repository' };
  const git = findGit(workTree, path);
  if (git === undefined) return { ok: false, why: 'no-git' };
  return { ok: true, place: { git, gitDir: join(workTree, '.git'), workTree } };
}

/** A folder of a work tree as git names it: `` for the root, else ended by `/`. */
export function prefixIn({ workTree }: Pick<GitPlace, 'workTree'>, folder: string): string {
  const below = pathBelow(workTree, folder);
  return below === undefined ? '' : `${below}/`;
}

function workTreeOf(start: string): string | undefined {
  const owners = new Set([process.getuid?.() ?? 0, 0, lstatSync(start).uid]);
  for (let folder = start; ; folder = dirname(folder)) {
    const gitDir = join(folder, '.git');
    const [own, stat] = [lstatSync, statSync].map((look) => look(gitDir, { throwIfNoEntry: false }));
    const isOurs = folder === start || [own, stat].every((of) => of !== undefined && owners.has(of.uid));
    if (stat?.isFile() && isOurs) return folder;
    if (stat?.isDirectory() && isOurs && existsSync(join(gitDir, 'HEAD'))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}
