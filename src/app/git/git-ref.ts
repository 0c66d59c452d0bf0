import type { DiagnosticCode } from '../../core/codes.ts';
import { diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { findRepository, prefixIn } from '../../io/find-repository.ts';
import { type GitPlace, type RunGit, runGit, withGit } from '../../io/git-command.ts';

/** A commit of the workspace's repository, reached by plumbing alone: nothing is checked out, no hook or filter runs. */
export interface Commit {
  readonly place: GitPlace;
  /** As it was asked for. */
  readonly ref: string;
  readonly sha: string;
  /** The workspace in the repository, `` or ended by `/`. */
  readonly prefix: string;
}

/** The diagnostic for a ref that cannot be used. */
export interface Refusal {
  readonly code: DiagnosticCode;
  /** For example `--against`. */
  readonly option: string;
  /** What stands before "this is not a git repository". */
  readonly before?: string;
  readonly help: string;
}

/** A ref's commit. `workspace` is absolute with links resolved. */
export async function findCommit(
  workspace: string,
  ref: string,
  { code, option, before = '', help }: Refusal,
): Promise<Outcome<Commit>> {
  const refused = (why: string): Outcome<never> =>
    failed([diagnostic(code, `${option} ${ref}: ${before}${why}`, { help })]);
  const found = findRepository(workspace, process.env.PATH);
  if (!found.ok)
    return refused(found.why === 'no-git' ? 'git is not on PATH' : 'this is not a git repository');
  const { place } = found;
  const sha = await resolveCommit(place, ref);
  if (sha === undefined) return refused('commit not found');
  return success({ place, ref, sha, prefix: prefixIn(place, workspace) });
}

async function resolveCommit(place: GitPlace, ref: string): Promise<string | undefined> {
  const found = await runGit(place, place.workTree, [
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${ref}^{commit}`,
  ]);
  const sha = found.ok ? found.stdout.toString('utf8').trim() : '';
  return found.ok && found.exitCode === 0 && /^[0-9a-f]{40,64}$/.test(sha) ? sha : undefined;
}

/** A commit with a git that reads from it. */
export interface OpenCommit extends Commit {
  readonly run: RunGit;
}

/** Lends a git for all that `use` reads of a commit: what keeps the repository's configuration out is set up once. */
export function openCommit<T>(commit: Commit, use: (open: OpenCommit) => Promise<T>): Promise<T> {
  return withGit(commit.place, (run) => use({ ...commit, run }));
}

/** The best common ancestor of a commit and HEAD; undefined where git can see none. */
export async function mergeBase({ run, place, sha }: OpenCommit): Promise<string | undefined> {
  const found = await run(place.workTree, ['merge-base', sha, 'HEAD']);
  const base = found.ok ? (found.stdout.toString('utf8').split('\n')[0] ?? '').trim() : '';
  return found.ok && found.exitCode === 0 && /^[0-9a-f]{40,64}$/.test(base) ? base : undefined;
}

/** Object ids of the commit's regular files below the workspace, by path; empty where the workspace was not there yet. */
export async function treeOf({
  run,
  place,
  sha,
  prefix,
}: OpenCommit): Promise<Outcome<ReadonlyMap<string, string>>> {
  const tree = prefix === '' ? sha : `${sha}:${prefix.slice(0, -1)}`;
  const listed = await run(place.workTree, ['ls-tree', '-r', '-z', '--full-tree', tree]);
  if (!listed.ok) return failed([diagnostic('SP5010', `git ls-tree: ${listed.detail}`)]);
  if (listed.exitCode !== 0) return success(new Map());
  // `<mode> blob <id>\t<path>`; links and submodules are left out.
  const entries = listed.stdout
    .toString('utf8')
    .split('\0')
    .flatMap((line): [string, string][] => {
      const tab = line.indexOf('\t');
      return line.startsWith('100') ? [[line.slice(tab + 1), line.slice(0, tab).split(' ')[2] ?? '']] : [];
    });
  return success(new Map(entries));
}

/** A file of the commit, by its path below the workspace; undefined where the commit holds none. */
export async function readBlob(
  { run, place, sha, prefix }: OpenCommit,
  path: string,
): Promise<Buffer | undefined> {
  const blob = await run(place.workTree, ['cat-file', 'blob', `${sha}:${prefix}${path}`]);
  return blob.ok && blob.exitCode === 0 ? blob.stdout : undefined;
}
