import { lstatSync } from 'node:fs';
import { findGit, type GitPlace } from '../../io/git-command.ts';
import { FOLDER_MARKERS, isAlwaysLeftOut, isLeftOutBeside } from './folder-rules.ts';
import { findRepository, type GitFiles, type GitListing, listByGit, listNested } from './git-files.ts';
import type { LeftOut } from './types.ts';
import { walkFiles } from './walk-files.ts';

export interface ListedFiles {
  /** Sorted by code unit, without repeats; not yet looked at. */
  readonly paths: readonly string[];
  /** What was left out so far, folders as one entry. */
  leftOut(): LeftOut[];
  /** The files of a path that turned out to be a folder, which is how git lists a submodule. Sorted. */
  expand(folder: string): Promise<readonly string[]>;
  readonly git: { readonly sha: string; readonly dirty: boolean } | null;
  /** Why git could not be asked although the folder is in a repository. */
  readonly gitTrouble?: string;
}

/** What git was asked of a folder; `place` is absent where it is in no repository, or there is no git. */
export interface StartedListing {
  readonly root: string;
  readonly git: string | undefined;
  readonly place: GitPlace | undefined;
  readonly answer: Promise<GitListing> | undefined;
}

/** Lets git start listing a folder. */
export function startListing(root: string): StartedListing {
  const git = findGit(root, process.env.PATH);
  const place = git === undefined ? undefined : findRepository(root, git);
  const answer = place && listByGit(place, root);
  // Whoever asks for the answer hears of a failure; where the run ends before that, nobody needs to.
  answer?.catch(() => undefined);
  return { root, git, place, answer };
}

/** Names every file that scanning could read, by git where the folder is in a repository, else by walking. */
export async function listFiles(
  root: string,
  own: ReadonlyMap<string, LeftOut['reason']>,
  started: StartedListing = startListing(root),
): Promise<ListedFiles> {
  const { git, place, answer } = started.root === root ? started : startListing(root);
  const walked = (trouble?: string): ListedFiles => {
    const { paths, leftOut } = walkFiles(root, '', (folder) => own.get(folder));
    const files = {
      paths: paths.sort(),
      leftOut: () => leftOut,
      expand: async () => [],
      git: null,
    };
    return trouble === undefined ? files : { ...files, gitTrouble: trouble };
  };
  if (place === undefined || answer === undefined) {
    const inRepository = lstatSync(`${root}/.git`, { throwIfNoEntry: false }) !== undefined;
    return walked(
      inRepository ? (git === undefined ? 'git is not installed' : '.git is not a repository') : undefined,
    );
  }
  const listing = await answer;
  if (!listing.ok) {
    return walked(listing.why === 'broken' ? listing.detail : undefined);
  }
  const kept = new Set<string>();
  const out = new Map<string, LeftOut>();
  const expand = (files: GitFiles): { readonly paths: readonly string[]; readonly changed: boolean } => {
    const before = kept.size;
    const found: string[] = [];
    const keep = (path: string): void => {
      if (kept.has(path)) return;
      kept.add(path);
      found.push(path);
    };
    const byName = leaveOutByName(own);
    for (const path of files.tracked) {
      const left = byName(path);
      if (left === undefined) keep(path);
      else out.set(left.path, left);
    }
    const afterTracked = kept.size;
    const byMarker = leaveOutByMarker(files);
    for (const path of files.untracked) {
      const left = byName(path) ?? byMarker(path);
      if (left === undefined) keep(path);
      else out.set(left.path, left);
    }
    const changed = kept.size > afterTracked;
    for (const folder of files.toWalk) {
      const walk = byName(`${folder}/.`) ?? walkFiles(root, folder, (path) => own.get(path));
      if ('reason' in walk) out.set(walk.path, walk);
      else {
        for (const path of walk.paths) keep(path);
        for (const left of walk.leftOut) out.set(left.path, left);
      }
    }
    for (const path of files.ignored) {
      const left = byName(path) ?? { path, reason: 'git-ignored' as const };
      out.set(left.path, left);
    }
    return { paths: before === 0 || found.length > 0 ? found.sort() : [], changed };
  };
  const first = expand(listing.files);
  return {
    paths: first.paths,
    leftOut: () => [...out.values()],
    expand: async (folder) => expand(await listNested(place, root, folder)).paths,
    git: listing.state && { sha: listing.state.sha, dirty: listing.state.dirty || first.changed },
  };
}

/** Tells of a path whether one of its folders is left out by name; asks once per folder, as paths come sorted. */
function leaveOutByName(own: ReadonlyMap<string, LeftOut['reason']>): (path: string) => LeftOut | undefined {
  const known = new Map<string, LeftOut | undefined>([['', undefined]]);
  const ofFolder = (folder: string): LeftOut | undefined => {
    if (known.has(folder)) return known.get(folder);
    const slash = folder.lastIndexOf('/');
    const reason =
      own.get(folder) ?? (isAlwaysLeftOut(folder.slice(slash + 1)) ? 'ignored-folder' : undefined);
    const above = ofFolder(slash < 0 ? '' : folder.slice(0, slash));
    const left = above ?? (reason && { path: `${folder}/`, reason });
    known.set(folder, left);
    return left;
  };
  let last = '';
  let verdict: LeftOut | undefined;
  return (path) => {
    const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    if (folder !== last) verdict = ofFolder(folder);
    last = folder;
    return verdict;
  };
}

/** The rules that look at what lies in or beside a folder; for untracked files only. */
function leaveOutByMarker(files: GitFiles): (path: string) => LeftOut | undefined {
  const marked = new Set<string>();
  for (const path of files.untracked) {
    const slash = path.lastIndexOf('/');
    if (slash > 0 && FOLDER_MARKERS.includes(path.slice(slash + 1))) marked.add(path.slice(0, slash));
  }
  let all: ReadonlySet<string> | undefined;
  return (path) => {
    const parts = path.split('/');
    for (let i = 1; i < parts.length; i++) {
      const folder = parts.slice(0, i).join('/');
      const name = parts[i - 1] ?? '';
      const beside = (sibling: string): boolean => {
        all ??= new Set([...files.tracked, ...files.untracked]);
        return all.has([...parts.slice(0, i - 1), sibling].join('/'));
      };
      if (marked.has(folder) || isLeftOutBeside(name, beside))
        return { path: `${folder}/`, reason: 'ignored-folder' };
    }
    return undefined;
  };
}
