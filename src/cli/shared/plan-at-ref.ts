import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix, resolve } from 'node:path';
import { compileManifest } from '../../app/compile/compile-manifest.ts';
import type { CompileRequest } from '../../app/compile/compile-request.ts';
import { findCommit, type OpenCommit, openCommit, readBlob, treeOf } from '../../app/git/git-ref.ts';
import { placeFile } from '../../app/git/place-file.ts';
import { programDigests } from '../../app/plan-facts/plan-facts.ts';
import { cueSourcesAround } from '../../compiler/read/cue-package.ts';
import { type LoadedManifest, loadManifest } from '../../compiler/read/load.ts';
import { MANIFEST_NAMES } from '../../compiler/read/read.ts';
import { diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import type { Plan } from '../../planner/ir/ir.ts';

const MAX_ENTRIES = 200_000;
const LOCK = 'tools.lock.json';
const REFUSAL = {
  code: 'SP9001',
  option: '--against',
  before: 'there is no such file, and ',
  help: 'Name a plan file that `secplan compile -o` wrote, or a branch, tag or commit.',
} as const;

/**
 * The plan of a workspace as it was at a git ref. Git's plumbing reads the manifest, the lock and the scripts that the
 * manifest names into its own folder, where every other file of that commit stands empty: nothing is checked out,
 * no hook, filter or text conversion runs. The workspace's own files are not looked at.
 */
export async function planAtRef(
  request: CompileRequest,
  { workspace, manifestPath }: Pick<LoadedManifest, 'workspace' | 'manifestPath'>,
  ref: string,
): Promise<Outcome<Plan>> {
  const commit = await findCommit(workspace, ref, REFUSAL);
  if (!commit.ok) return commit;
  return openCommit(commit.value, (open) => planOf(open, request, manifestPath));
}

async function planOf(
  commit: OpenCommit,
  request: CompileRequest,
  manifestPath: string | undefined,
): Promise<Outcome<Plan>> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'secplan-ref-')));
  try {
    const tree = await treeOf(commit);
    if (!tree.ok) return tree;
    if (tree.value.size > MAX_ENTRIES) return tooMany(tree.value.size);
    const paths = [...tree.value.keys()];
    for (const path of paths) placeFile(folder, path, '');
    const named = manifestPath !== undefined && tree.value.has(manifestPath) ? manifestPath : undefined;
    const manifests = named === undefined ? MANIFEST_NAMES : [named];
    const packages = manifests
      .filter((name) => name.endsWith('.cue') && tree.value.has(name))
      .flatMap((name) => cueSourcesAround(paths, name));
    const read = await fill(commit, folder, paths, [LOCK, ...manifests, ...packages]);
    if (!read.ok) return read;
    const then: CompileRequest = {
      ...request,
      cwd: folder,
      manifestPath: named,
      workspace: named === undefined ? undefined : folder,
      policy: request.policy === undefined ? undefined : resolve(request.cwd, request.policy),
    };
    const compose = await composeAt(then);
    const composed = await fill(commit, folder, paths, compose);
    if (!composed.ok) return composed;
    return await compileFilled(then, (wanted) => fill(commit, folder, paths, wanted), commit.ref);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Compiles until every file that the plan tells the digest of has its content: a script may name a helper, and that another. */
async function compileFilled(
  request: CompileRequest,
  fillIn: (paths: readonly string[]) => Promise<Outcome<undefined>>,
  ref: string,
): Promise<Outcome<Plan>> {
  const filled = new Set<string>();
  for (;;) {
    const compiled = await compileManifest(request);
    if (!compiled.ok)
      return failed(compiled.diagnostics.map((item) => ({ ...item, summary: `at ${ref}: ${item.summary}` })));
    const { plan } = compiled.value;
    const wanted = digestedFiles(plan).filter((path) => !filled.has(path));
    if (wanted.length === 0) return success(plan);
    const read = await fillIn(wanted);
    if (!read.ok) return read;
    for (const path of wanted) filled.add(path);
  }
}

function digestedFiles({ stages, policy: { baseline, vex = [] } }: Plan): readonly string[] {
  const programs = stages.flatMap(programDigests).map(([path]) => path);
  return [...programs, ...[...(baseline === undefined ? [] : [baseline]), ...vex].map(({ path }) => path)];
}

/** The Compose file that the manifest of that commit names; one that it cannot name is told when it is compiled. */
async function composeAt(request: CompileRequest): Promise<string[]> {
  const loaded = await loadManifest(request);
  const compose = loaded.ok ? loaded.value.manifest.stack?.compose : undefined;
  return compose === undefined ? [] : [posix.normalize(compose)];
}

function tooMany(count: number): Outcome<never> {
  return failed([
    diagnostic('SP9001', `the commit holds ${count} files, more than ${MAX_ENTRIES}`, {
      help: 'Compile the plan there with `secplan compile -o FILE`, and compare with that file.',
    }),
  ]);
}

/** Gives these files the content that they have in the commit, where it holds them. */
async function fill(
  commit: OpenCommit,
  folder: string,
  paths: readonly string[],
  wanted: readonly string[],
): Promise<Outcome<undefined>> {
  const known = new Set(paths);
  for (const path of wanted) {
    if (!known.has(path)) continue;
    const blob = await readBlob(commit, path);
    if (blob === undefined)
      return failed([diagnostic('SP1010', `git cannot read ${path} at ${commit.sha.slice(0, 12)}`)]);
    placeFile(folder, path, blob);
  }
  return success(undefined);
}
