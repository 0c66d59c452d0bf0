import { lstatSync } from 'node:fs';
import { type FoundRepository, findRepository } from '../../io/find-repository.ts';
import { type GitListing, listByGit, listNested } from './git-files.ts';
import { GitSelection } from './git-selection.ts';
import type { LeftOut } from './types.ts';
import { walkFiles } from './walk-files.ts';

export interface ListedFiles {
  /** Sorted by code unit, without repeats; not yet looked at. */
  readonly paths: readonly string[];
  /** What was left out so far, folders as one entry. */
  leftOut(): LeftOut[];
  /** Whether a path that is not there is one of git's index. */
  isTracked(path: string): boolean;
  /** The files of a path that turned out to be a folder, which is how git lists a submodule. Sorted. */
  expand(folder: string): Promise<readonly string[]>;
  readonly git: { readonly sha: string; readonly dirty: boolean } | null;
  /** Why git could not be asked although the folder is in a repository. */
  readonly gitTrouble?: string;
}

/** What git was asked of a folder; `answer` is absent where there is no repository or no git to ask. */
export interface StartedListing {
  readonly root: string;
  readonly repository: FoundRepository;
  readonly answer: Promise<GitListing> | undefined;
}

/** Lets git start listing a folder. */
export function startListing(root: string): StartedListing {
  const repository = findRepository(root, process.env.PATH);
  const answer = repository.ok ? listByGit(repository.place, root) : undefined;
  // Whoever asks for the answer hears of a failure; where the run ends before that, nobody needs to.
  answer?.catch(() => undefined);
  return { root, repository, answer };
}

/** Names every file that scanning could read, by git where the folder is in a repository, else by walking. */
export async function listFiles(
  root: string,
  own: ReadonlyMap<string, LeftOut['reason']>,
  started: StartedListing = startListing(root),
): Promise<ListedFiles> {
  const { repository, answer } = started.root === root ? started : startListing(root);
  const walked = (trouble?: string): ListedFiles => {
    const { paths, leftOut } = walkFiles(root, '', (folder) => own.get(folder));
    const files = {
      paths: paths.sort(),
      leftOut: () => leftOut,
      isTracked: () => false,
      expand: async () => [],
      git: null,
    };
    return trouble === undefined ? files : { ...files, gitTrouble: trouble };
  };
  if (!repository.ok || answer === undefined) {
    if (!repository.ok && repository.why === 'no-git') return walked('git is not installed');
    const hasGit = lstatSync(`${root}/.git`, { throwIfNoEntry: false }) !== undefined;
    return walked(hasGit ? '.git is not a repository' : undefined);
  }
  const { place } = repository;
  const listing = await answer;
  if (!listing.ok) {
    return walked(listing.why === 'broken' ? listing.detail : undefined);
  }
  const selection = new GitSelection(root, own);
  const first = selection.take(listing.files);
  return {
    paths: first.paths,
    leftOut: () => selection.leftOut(),
    isTracked: (path) => selection.isTracked(path),
    expand: async (folder) => selection.take(await listNested(place, root, folder)).paths,
    git: listing.state && { sha: listing.state.sha, dirty: listing.state.dirty || first.changed },
  };
}
