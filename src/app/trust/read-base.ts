import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, posix, resolve } from 'node:path';
import type { Manifest } from '../../compiler/manifest.gen.ts';
import { cueSourcesAround } from '../../compiler/read/cue-package.ts';
import { builtInManifest, type LoadedManifest, loadManifest } from '../../compiler/read/load.ts';
import { MANIFEST_NAMES } from '../../compiler/read/read.ts';
import { DEFAULT_BASELINE } from '../../compiler/resolve/check-policy-files.ts';
import type { WorkspaceFacts } from '../../compiler/source/workspace-facts.ts';
import { digestOf } from '../../core/canonical.ts';
import { diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { pathBelow } from '../../io/paths.ts';
import { type Commit, type OpenCommit, openCommit, readBlob, treeOf } from '../git/git-ref.ts';
import { placeFile } from '../git/place-file.ts';
import type { ReadPolicyFile } from '../policy-inputs/read-policy-inputs.ts';

/** The manifest of a commit that is trusted, and the files that its policy names, as that commit has them. */
export interface TrustedBase {
  readonly commit: Commit;
  readonly loaded: Pick<LoadedManifest, 'manifest' | 'place' | 'keyPlace'>;
  /** False where the commit has no manifest: it then grants nothing, and the built-in policy gates. */
  readonly hasManifest: boolean;
  /** Object ids by path below the workspace. */
  readonly tree: ReadonlyMap<string, string>;
  /** Baseline and VEX documents of the commit; a list of exploited vulnerabilities from the workspace, where git has none. */
  readonly policyFiles: ReadPolicyFile;
  readonly facts: WorkspaceFacts;
}

interface Workspace {
  readonly facts: WorkspaceFacts;
  readonly read: ReadPolicyFile;
}

/** Reads it by git plumbing: no checkout, no hook, no filter. SP2066 where the commit's manifest is not valid. */
export function readBase(
  commit: Commit,
  manifestPath: string | undefined,
  workspace: Workspace,
): Promise<Outcome<TrustedBase>> {
  return openCommit(commit, (open) => readOpenBase(open, manifestPath, workspace));
}

async function readOpenBase(
  commit: OpenCommit,
  manifestPath: string | undefined,
  workspace: Workspace,
): Promise<Outcome<TrustedBase>> {
  const tree = await treeOf(commit);
  if (!tree.ok) return tree;
  const loaded = await manifestAt(commit, manifestPath);
  if (!loaded.ok) return loaded;
  const { manifest } = loaded.value;
  const own = new Map<string, Buffer | undefined>();
  for (const path of gatingFiles(manifest)) own.set(path, await readBlob(commit, path));
  const lists = new Map<string, Buffer>();
  for (const path of listFiles(manifest)) {
    const content = await readBlob(commit, path);
    if (content !== undefined) lists.set(path, content);
  }
  const { facts } = workspace;
  return success({
    commit,
    loaded: loaded.value,
    hasManifest: loaded.value.manifestPath !== undefined,
    tree: tree.value,
    policyFiles: (path) => (own.has(path) ? own.get(path) : (lists.get(path) ?? workspace.read(path))),
    facts: {
      ...facts,
      // Targets may be built files that git never sees; what gates is the commit's alone.
      lookup: (path) =>
        own.has(path) ? (own.get(path) === undefined ? 'missing' : 'file') : facts.lookup(path),
      digest: (path) => {
        const content = own.get(path);
        return content === undefined ? undefined : digestOf(content);
      },
    },
  });
}

/** A file named on the command line: the commit's, where it lies in the repository; its own else. */
export async function trustedFile(
  { commit }: Pick<TrustedBase, 'commit'>,
  cwd: string,
  file: string,
): Promise<{ readonly inside: boolean; readonly content: Buffer | undefined }> {
  const path = resolve(cwd, file);
  let real = path;
  try {
    real = join(realpathSync(dirname(path)), basename(path));
  } catch {
    // Not there, which whoever reads it says.
  }
  const below = pathBelow(realpathSync(commit.place.workTree), real);
  if (below === undefined) return { inside: false, content: undefined };
  const content = await openCommit({ ...commit, prefix: '' }, (open) => readBlob(open, below));
  return { inside: true, content };
}

function gatingFiles({ policy }: Manifest): readonly string[] {
  const vex = (policy?.vex ?? []).map((entry) => (typeof entry === 'string' ? entry : entry.path));
  return [policy?.baseline ?? DEFAULT_BASELINE, ...vex].map((path) => posix.normalize(path));
}

function listFiles({ policy }: Manifest): readonly string[] {
  return [policy?.exploited?.kev, policy?.exploited?.epss].flatMap((path) =>
    path === undefined ? [] : [posix.normalize(path)],
  );
}

/** The manifest of the same name, else the one that would be found in the workspace; the built-in one without either. */
async function manifestAt(
  commit: OpenCommit,
  manifestPath: string | undefined,
): Promise<Outcome<LoadedManifest>> {
  const names = [...(manifestPath === undefined ? [] : [manifestPath]), ...MANIFEST_NAMES];
  const [first = '', ...rest] = names.map((name) => posix.normalize(commit.prefix + name));
  if (first.startsWith('../')) {
    return failed([
      diagnostic('SP2066', `the manifest ${manifestPath ?? ''} is outside the repository`, {
        help: 'Keep it in the scanned repository: only there can secplan read it from a trusted ref.',
      }),
    ]);
  }
  for (const path of [first, ...rest]) {
    const content = await readBlob({ ...commit, prefix: '' }, path);
    if (content !== undefined) return await loadAlone(commit, path, content);
  }
  return success(builtInManifest('.'));
}

/** Loads a manifest from a folder of its own that holds nothing else but, for a CUE manifest, the files of its package. */
async function loadAlone(
  commit: OpenCommit,
  path: string,
  content: Buffer,
): Promise<Outcome<LoadedManifest>> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'secplan-trusted-')));
  try {
    placeFile(folder, path, content);
    const siblings = await placeCueSources(commit, folder, path);
    if (!siblings.ok) return siblings;
    const workspace = join(folder, commit.prefix);
    mkdirSync(workspace, { recursive: true });
    const loaded = await loadManifest({ cwd: folder, manifestPath: path, workspace });
    if (loaded.ok) return loaded;
    return failed(
      loaded.diagnostics.map((item) =>
        diagnostic('SP2066', `${posix.basename(path)} at ${commit.ref}: ${item.summary}`, {
          help: 'Name a ref whose manifest is valid.',
        }),
      ),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function placeCueSources(
  commit: OpenCommit,
  folder: string,
  path: string,
): Promise<Outcome<undefined>> {
  if (!path.endsWith('.cue')) return success(undefined);
  const whole = { ...commit, prefix: '' };
  const tree = await treeOf(whole);
  if (!tree.ok) return tree;
  const module = [...tree.value.keys()].filter((one) => /(^|\/)cue\.mod\//.test(one));
  for (const other of [...cueSourcesAround(tree.value.keys(), path), ...module]) {
    const text = other === path ? undefined : await readBlob(whole, other);
    if (text !== undefined) placeFile(folder, other, text);
  }
  return success(undefined);
}
