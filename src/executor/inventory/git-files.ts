import { existsSync, lstatSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { type GitPlace, runGit } from './git-command.ts';

/** Repositories inside repositories (submodules, nested clones) are listed by their own index down to here. */
const MAX_NESTING = 8;

/** What git knows of a folder. Paths are relative to it, with `/`; unsorted. */
export interface GitFiles {
  readonly tracked: readonly string[];
  readonly untracked: readonly string[];
  /** Folders end in `/`. */
  readonly ignored: readonly string[];
  /** Folders that are repositories of their own without anything git could list: to be walked. */
  readonly toWalk: readonly string[];
}

export type GitListing =
  | { readonly ok: true; readonly files: GitFiles }
  /** `none`: the folder is in no repository; `broken`: it is, and git could not list it. */
  | { readonly ok: false; readonly why: 'none' | 'broken'; readonly detail: string };

/**
 * The repository that a folder lies in. A `.git` above the folder counts only if it belongs to the folder's owner
 * or to us: anyone can put one in /tmp and so decide what is seen below it.
 */
export function findRepository(root: string, git: string): GitPlace | undefined {
  const owners = new Set([process.getuid?.() ?? 0, 0, lstatSync(root).uid]);
  for (let folder = root; ; folder = dirname(folder)) {
    const gitDir = join(folder, '.git');
    const stat = lstatSync(gitDir, { throwIfNoEntry: false });
    if (stat !== undefined && (folder === root || owners.has(stat.uid))) {
      if (stat.isFile() || (stat.isDirectory() && existsSync(join(gitDir, 'HEAD'))))
        return { git, gitDir, workTree: folder };
    }
    if (folder === dirname(folder)) return undefined;
  }
}

/** Lists a folder by git: what its index holds, what is untracked, and what is ignored. */
export async function listByGit(place: GitPlace, root: string, depth = 0): Promise<GitListing> {
  const [listed, ignored] = await Promise.all([
    runGit(place, root, ['ls-files', '-z', '-t', '--cached', '--others', '--exclude-standard']),
    runGit(place, root, ['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory']),
  ]);
  for (const result of [listed, ignored]) {
    if (!result.ok) return { ok: false, why: 'broken', detail: result.detail };
    if (result.exitCode !== 0) return { ok: false, why: 'broken', detail: result.stderr.trim() };
  }
  if (!listed.ok || !ignored.ok) return { ok: false, why: 'broken', detail: '' };
  const tracked = new Set<string>();
  const untracked: string[] = [];
  const nested: string[] = [];
  for (const record of lines(listed.stdout)) {
    const path = record.slice(2);
    if (!isSafe(path)) continue;
    if (record.startsWith('?')) (path.endsWith('/') ? nested : untracked).push(path);
    else tracked.add(path);
  }
  const ignoredPaths = lines(ignored.stdout).filter(isSafe);
  // A folder that its repository ignores shows nothing at all; it was named as the workspace, so it is scanned.
  if (tracked.size === 0 && untracked.length === 0 && nested.length === 0 && root !== place.workTree) {
    const check = await runGit(place, root, ['check-ignore', '-q', '.']);
    if (!check.ok || check.exitCode === 0 || ignoredPaths.includes('./'))
      return { ok: false, why: 'none', detail: 'ignored' };
  }
  const files: { -readonly [K in keyof GitFiles]: string[] } = {
    tracked: [...tracked],
    untracked,
    ignored: ignoredPaths,
    toWalk: [],
  };
  for (const folder of nested) await addNested(place, root, folder.slice(0, -1), depth, files, 'untracked');
  return { ok: true, files };
}

/** Lists a submodule or a nested clone, whose files the outer repository shows as one entry. */
export async function listNested(place: GitPlace, root: string, folder: string): Promise<GitFiles> {
  const files = { tracked: [], untracked: [], ignored: [], toWalk: [] };
  await addNested(place, root, folder, 0, files, 'tracked');
  return files;
}

async function addNested(
  place: GitPlace,
  root: string,
  folder: string,
  depth: number,
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

/**
 * Commit and whether tracked files differ from it; null before the first commit or when git cannot say. Content
 * filters (LFS, line ends) are switched off, as they are commands that the repository names: a file behind one
 * counts as changed when its times do not match git's index.
 */
export async function gitState(
  place: GitPlace,
  root: string,
): Promise<{ readonly sha: string; readonly dirty: boolean } | null> {
  const off: string[] = [];
  for (const name of await filterNames(place, root))
    for (const [key, value] of [
      ['clean', ''],
      ['smudge', ''],
      ['process', ''],
      ['required', 'false'],
    ])
      off.push('-c', `filter.${name}.${key}=${value}`);
  const status = await runGit(place, root, [
    ...off,
    ...[
      'status',
      '--porcelain=v2',
      '--branch',
      '-z',
      '--untracked-files=no',
      '--ignore-submodules=all',
      '--',
      '.',
    ],
  ]);
  if (!status.ok || status.exitCode !== 0) return null;
  const records = lines(status.stdout);
  const sha = records.find((r) => r.startsWith('# branch.oid '))?.slice('# branch.oid '.length);
  if (sha === undefined || !/^[0-9a-f]{40,64}$/.test(sha)) return null;
  return { sha, dirty: records.some((r) => !r.startsWith('# ')) };
}

async function filterNames(place: GitPlace, root: string): Promise<readonly string[]> {
  if (!mayNameFilters(place.gitDir)) return [];
  const result = await runGit(place, root, ['config', '-z', '--name-only', '--get-regexp', '^filter\\.']);
  if (!result.ok) return [];
  return [...new Set(lines(result.stdout).map((key) => key.slice('filter.'.length, key.lastIndexOf('.'))))];
}

/** Saves a process where the repository's configuration cannot name a filter. */
function mayNameFilters(gitDir: string): boolean {
  try {
    if (!statSync(gitDir).isDirectory() || existsSync(join(gitDir, 'commondir'))) return true;
    const texts = ['config', 'config.worktree']
      .map((name) => join(gitDir, name))
      .filter((file) => existsSync(file));
    return texts.some(
      (file) => !lstatSync(file).isFile() || /filter|include/i.test(readFileSync(file, 'utf8')),
    );
  } catch {
    return true;
  }
}

function lines(output: Buffer): string[] {
  const parts = output.toString('utf8').split('\0');
  parts.pop();
  return parts;
}

/** An index can hold any bytes; a path that leaves the folder is not one of its files. */
function isSafe(path: string): boolean {
  if (path === '' || path.startsWith('/') || (sep === '\\' && path.includes('\\'))) return false;
  return !path.includes('..') || !path.split('/').includes('..');
}
