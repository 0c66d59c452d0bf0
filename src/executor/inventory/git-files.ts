import { lstatSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Result } from '../../core/result.ts';
import { prefixIn } from '../../io/find-repository.ts';
import { type GitPlace, type RunGit, withGit } from '../../io/git-command.ts';
import { hasHiddenChanges } from './hidden-changes.ts';

/** Repositories inside repositories (submodules, nested clones) are listed by their own index down to here. */
const MAX_NESTING = 8;

/** The marks of `ls-files -v` for what `git status` does not look at: `skip-worktree`, and in small letters `assume-unchanged`. */
const UNSEEN = /^(?:S|[a-z]) /;

/** What git knows of a folder. Paths are relative to it, with `/`; unsorted. */
export interface GitFiles {
  readonly tracked: readonly string[];
  readonly untracked: readonly string[];
  /** Folders end in `/`. */
  readonly ignored: readonly string[];
  /** Folders that are their own repositories without anything git could list: to be walked. */
  readonly toWalk: readonly string[];
}

/** `none`: the folder is in no repository; `broken`: it is, and git could not list it. */
export type GitListing = Result<
  {
    readonly files: GitFiles;
    /** Null before the first commit. */
    readonly state: { readonly sha: string; readonly dirty: boolean } | null;
  },
  { readonly why: 'none' | 'broken'; readonly detail: string }
>;

/**
 * Lists a folder by git: what its index holds, what is untracked, and what is ignored, with the commit and whether
 * tracked files differ from it. Two processes, side by side.
 */
export async function listByGit(place: GitPlace, root: string, depth = 0): Promise<GitListing> {
  const [listed, status] = await withGit(place, (run) =>
    Promise.all([run(root, ['ls-files', '-z', '-v', '--cached']), readStatus(run, place, root)]),
  );
  if (!listed.ok) return { ok: false, why: 'broken', detail: listed.detail };
  if (listed.exitCode !== 0) return { ok: false, why: 'broken', detail: listed.stderr.trim() };
  if (typeof status === 'string') return { ok: false, why: 'broken', detail: status };
  // A letter and a space stand before each path.
  const tagged = records(listed.stdout).filter((record) => isSafe(record.slice(2)));
  const tracked = [...new Set(tagged.map((record) => record.slice(2)))];
  const unseen = tagged.filter((record) => UNSEEN.test(record)).map((record) => record.slice(2));
  const { untracked, nested, ignored } = status;
  // A folder that its repository ignores lists no files; it was named as the workspace, so it is scanned.
  if (tracked.length === 0 && status.isIgnored) return { ok: false, why: 'none', detail: 'ignored' };
  const files = { tracked, untracked, ignored, toWalk: [] };
  for (const folder of nested)
    await addNested({ place, root, depth }, folder.slice(0, -1), files, 'untracked');
  if (status.sha === null) return { ok: true, files, state: null };
  const dirty = status.dirty || (await withGit(place, (run) => hasHiddenChanges(run, root, unseen)));
  return { ok: true, files, state: { sha: status.sha, dirty } };
}

/** Lists a submodule or a nested clone, whose files the outer repository shows as one entry. */
export async function listNested(place: GitPlace, root: string, folder: string): Promise<GitFiles> {
  const files = { tracked: [], untracked: [], ignored: [], toWalk: [] };
  await addNested({ place, root, depth: 0 }, folder, files, 'tracked');
  return files;
}

interface Outer {
  readonly place: GitPlace;
  readonly root: string;
  /** How many repositories this one lies in. */
  readonly depth: number;
}

async function addNested(
  { place, root, depth }: Outer,
  folder: string,
  into: { tracked: string[]; untracked: string[]; ignored: string[]; toWalk: string[] },
  as: 'tracked' | 'untracked',
): Promise<void> {
  const inner = join(root, folder);
  const gitDir = join(inner, '.git');
  const listing =
    depth < MAX_NESTING && lstatSync(gitDir, { throwIfNoEntry: false }) !== undefined
      ? await listByGit({ ...place, gitDir, workTree: inner }, inner, depth + 1)
      : undefined;
  if (listing?.ok !== true) {
    into.toWalk.push(folder);
    return;
  }
  const { files } = listing;
  for (const path of files.tracked) into[as].push(`${folder}/${path}`);
  for (const path of files.untracked) into.untracked.push(`${folder}/${path}`);
  for (const path of files.ignored) into.ignored.push(`${folder}/${path}`);
  for (const path of files.toWalk) into.toWalk.push(`${folder}/${path}`);
}

interface Status {
  /** Null before the first commit. */
  readonly sha: string | null;
  readonly dirty: boolean;
  readonly untracked: string[];
  /** Untracked folders that are their own repositories; end in `/`. */
  readonly nested: string[];
  readonly ignored: string[];
  /** The folder itself lies in an ignored one. */
  readonly isIgnored: boolean;
}

/**
 * git's status, or why there is none. Content filters (LFS) are commands that a configuration names, and none is read: a file
 * behind one counts as changed when its times do not match git's index.
 */
async function readStatus(run: RunGit, place: GitPlace, root: string): Promise<Status | string> {
  const result = await run(root, [
    ...['status', '-z', '--porcelain=v2', '--branch', '--no-renames', '--ignore-submodules=all'],
    ...['--untracked-files=all', '--ignored=matching', '--', '.'],
  ]);
  if (!result.ok) return result.detail;
  if (result.exitCode !== 0) return result.stderr.trim();
  // Its paths count from the repository, whatever the working folder.
  const prefix = prefixIn(place, root);
  const status = { sha: null, dirty: false, untracked: [], nested: [], ignored: [], isIgnored: false } as {
    -readonly [K in keyof Status]: Status[K];
  };
  for (const record of records(result.stdout)) {
    const oid = /^# branch\.oid ([0-9a-f]{40,64})$/.exec(record)?.[1];
    if (oid !== undefined) status.sha = oid;
    if (record.startsWith('# ')) continue;
    const path = record.slice(2 + prefix.length);
    const isOther = record.startsWith('? ') || record.startsWith('! ');
    if (!isOther) status.dirty = true;
    else if (record.startsWith('! ') && record.endsWith('/') && prefix.startsWith(record.slice(2)))
      status.isIgnored = true;
    else if (record.startsWith(prefix, 2) && isSafe(path)) {
      if (record.startsWith('!')) status.ignored.push(path);
      else (path.endsWith('/') ? status.nested : status.untracked).push(path);
    }
  }
  return status;
}

function records(output: Buffer): string[] {
  const parts = output.toString('utf8').split('\0');
  parts.pop();
  return parts;
}

/** An index can hold any bytes; a path that leaves the folder is not one of its files. */
function isSafe(path: string): boolean {
  if (path === '' || path.startsWith('/') || (sep === '\\' && path.includes('\\'))) return false;
  return !path.includes('..') || !path.split('/').includes('..');
}
