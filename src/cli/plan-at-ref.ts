import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import { type CompileRequest, compileManifest } from '../api/compile-manifest.ts';
import { loadManifest } from '../compiler/load.ts';
import { MANIFEST_NAMES } from '../compiler/read.ts';
import { diagnostic } from '../core/diagnostic.ts';
import { failed, type Outcome, success } from '../core/outcome.ts';
import { findGit, type GitPlace, runGit } from '../executor/inventory/git-command.ts';
import type { Plan } from '../planner/ir.ts';

const MAX_ENTRIES = 200_000;
const LOCK = 'tools.lock.json';

interface Commit {
  readonly place: GitPlace;
  readonly sha: string;
  /** The workspace in the repository, `` or ended by `/`. */
  readonly prefix: string;
}

/**
 * The plan of a workspace as it was at a git ref. Git's plumbing reads the manifest, the lock and the scripts that the
 * manifest names into a folder of its own, where every other file of that commit stands empty: nothing is checked out,
 * no hook, filter or text conversion runs. The workspace's own files are not looked at.
 */
export async function planAtRef(
  request: CompileRequest,
  workspace: string,
  manifest: string | undefined,
  ref: string,
): Promise<Outcome<Plan>> {
  const commit = await findCommit(workspace, request.cwd, ref);
  if (!commit.ok) return commit;
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'secplan-ref-')));
  try {
    const paths = await treeOf(commit.value);
    if (!paths.ok) return paths;
    for (const path of paths.value) place(folder, path, '');
    const named = manifest !== undefined && paths.value.includes(manifest) ? manifest : undefined;
    const read = await fill(commit.value, folder, paths.value, [
      LOCK,
      ...(named === undefined ? MANIFEST_NAMES : [named]),
    ]);
    if (!read.ok) return read;
    const then: CompileRequest = {
      ...request,
      cwd: folder,
      manifest: named,
      workspace: named === undefined ? undefined : folder,
      policy: request.policy === undefined ? undefined : resolve(request.cwd, request.policy),
    };
    const compose = await composeAt(then);
    const composed = await fill(commit.value, folder, paths.value, compose);
    if (!composed.ok) return composed;
    const first = await compileManifest(then);
    if (!first.ok)
      return failed(first.diagnostics.map((item) => ({ ...item, summary: `at ${ref}: ${item.summary}` })));
    const scripts = first.value.plan.stages.flatMap((stage) =>
      'scripts' in stage ? Object.keys(stage.scripts ?? {}) : [],
    );
    if (scripts.length === 0) return success(first.value.plan);
    const filled = await fill(commit.value, folder, paths.value, scripts);
    if (!filled.ok) return filled;
    const second = await compileManifest(then);
    return second.ok ? success(second.value.plan) : second;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The Compose file that the manifest of that commit names; one that it cannot name is told when it is compiled. */
async function composeAt({ cwd, manifest, workspace }: CompileRequest): Promise<string[]> {
  const loaded = await loadManifest({
    cwd,
    ...(manifest === undefined ? {} : { manifestPath: manifest }),
    ...(workspace === undefined ? {} : { workspace }),
  });
  const compose = loaded.ok ? loaded.value.manifest.stack?.compose : undefined;
  return compose === undefined ? [] : [posix.normalize(compose)];
}

async function findCommit(workspace: string, cwd: string, ref: string): Promise<Outcome<Commit>> {
  const root = repositoryOf(workspace);
  const refused = (why: string): Outcome<never> =>
    failed([
      diagnostic('SP9001', `--against ${ref}: ${why}`, {
        help: 'Name a plan file that `secplan compile -o` wrote, or a branch, tag or commit.',
      }),
    ]);
  if (root === undefined) return refused('there is no such file, and this is no git repository');
  const git = findGit(root, process.env.PATH);
  if (git === undefined) return refused('there is no such file, and git is not on PATH');
  const place: GitPlace = { git, gitDir: join(root, '.git'), workTree: root };
  const found = await runGit(place, cwd, [
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${ref}^{commit}`,
  ]);
  if (!found.ok) return refused(found.detail);
  const sha = found.stdout.toString('utf8').trim();
  if (found.exitCode !== 0 || !/^[0-9a-f]{40,64}$/.test(sha))
    return refused('there is no such file and no such commit');
  const below = relative(root, workspace).split(sep).join('/');
  return success({ place, sha, prefix: below === '' ? '' : `${below}/` });
}

function repositoryOf(workspace: string): string | undefined {
  for (let folder = workspace; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

/** Paths of the commit's regular files below the workspace; links and submodules are left out. */
async function treeOf({ place, sha, prefix }: Commit): Promise<Outcome<readonly string[]>> {
  const tree = prefix === '' ? sha : `${sha}:${prefix.slice(0, -1)}`;
  const listed = await runGit(place, place.workTree, ['ls-tree', '-r', '-z', '--full-tree', tree]);
  if (!listed.ok) return failed([diagnostic('SP5010', `git ls-tree: ${listed.detail}`)]);
  // The workspace was not there yet: an empty one.
  if (listed.exitCode !== 0) return success([]);
  const paths = listed.stdout
    .toString('utf8')
    .split('\0')
    .flatMap((line) => (line.startsWith('100') ? [line.slice(line.indexOf('\t') + 1)] : []));
  if (paths.length <= MAX_ENTRIES) return success(paths);
  return failed([
    diagnostic('SP9001', `the commit holds ${paths.length} files, more than ${MAX_ENTRIES}`, {
      help: 'Compile the plan there with `secplan compile -o FILE`, and compare with that file.',
    }),
  ]);
}

/** Gives these files the content that they have in the commit, where it holds them. */
async function fill(
  { place: git, sha, prefix }: Commit,
  folder: string,
  paths: readonly string[],
  wanted: readonly string[],
): Promise<Outcome<undefined>> {
  const known = new Set(paths);
  for (const path of wanted) {
    if (!known.has(path)) continue;
    const blob = await runGit(git, git.workTree, ['cat-file', 'blob', `${sha}:${prefix}${path}`]);
    if (!blob.ok || blob.exitCode !== 0) {
      const why = blob.ok ? blob.stderr.trim() : blob.detail;
      return failed([diagnostic('SP1010', `git cannot read ${path} at ${sha.slice(0, 12)}: ${why}`)]);
    }
    place(folder, path, blob.stdout);
  }
  return success(undefined);
}

/** Git refuses trees with `..` or `.git` in them, but not every tool that makes trees does. */
function place(folder: string, path: string, content: string | Buffer): void {
  const file = resolve(folder, path);
  if (!file.startsWith(folder + sep)) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
