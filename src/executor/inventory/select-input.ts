import { createHash } from 'node:crypto';
import { canonicalJson } from '../../core/canonical.ts';
import { type Digest, digestOfHex } from '../../core/ids.ts';
import { createFileLookup, type FileLookup } from './file-lookup.ts';
import { compileExcludes, compileGlobs } from './glob.ts';
import { scriptFiles } from './script-files.ts';
import type { InputSet, Inventory, InventoryFile, WorkspaceInventory } from './types.ts';

/** The parts of a planned stage that say which files it reads; globs are relative to the workspace. */
export interface InputRequest {
  readonly selection: {
    readonly include: readonly string[];
    /** A second list that must match too. */
    readonly limitTo?: readonly string[];
    readonly exclude?: readonly string[];
    /** Scripts without an ending that these run are taken too. */
    readonly interpreters?: readonly string[];
  };
  /** What of `exclude` the manifest added, or more of the same. */
  readonly excludedByManifest: readonly string[];
  /** Relative to the workspace; files elsewhere are not the target's. */
  readonly targetPath?: string;
  /** Files that are there only because a target names them are taken too. */
  readonly named?: boolean;
}

const memo = new WeakMap<Inventory, Map<string, Promise<InputSet>>>();
const lookups = new WeakMap<Pick<Inventory, 'files'>, FileLookup>();
const FLUSH_CHARS = 64 * 1024;
const NO_SCRIPTS: ReadonlySet<string> = new Set();

/**
 * The files that a stage reads, with the digest that stands for them in its cache key. Equal requests on one
 * inventory share one answer. A file that cannot be read any more is in no input set but in `leftOut`.
 */
export function selectInput(
  inventory: Inventory,
  { selection, excludedByManifest, targetPath, named }: InputRequest,
): Promise<InputSet> {
  const { include, limitTo, exclude, interpreters } = selection;
  const request = {
    selection: {
      include,
      ...(limitTo && { limitTo }),
      ...(exclude && { exclude }),
      ...(interpreters && { interpreters }),
    },
    excludedByManifest,
    ...(targetPath === undefined ? {} : { targetPath }),
    ...(named === true ? { named } : {}),
  };
  const key = canonicalJson(request);
  let answers = memo.get(inventory);
  if (answers === undefined) {
    answers = new Map();
    memo.set(inventory, answers);
  }
  const answer = answers.get(key) ?? select(inventory, request);
  answers.set(key, answer);
  return answer;
}

async function select(inventory: Inventory, request: InputRequest): Promise<InputSet> {
  const scripts = await scriptsOf(inventory, request.selection.interpreters);
  const { files, excludedByManifest } = matchInput(inventory, request, scripts);
  return { ...(await digestFiles(inventory, files)), excludedByManifest };
}

/**
 * The same files by their names alone: none is read, so one that cannot be read any more is among them, and of scripts
 * without an ending only those that are given here.
 */
export function matchInput(
  inventory: Pick<Inventory, 'files'>,
  request: InputRequest,
  scripts: ReadonlySet<string> = NO_SCRIPTS,
): Pick<InputSet, 'files' | 'excludedByManifest'> {
  const { selection, excludedByManifest } = request;
  const manifests = new Set(excludedByManifest);
  const globs = compileGlobs(selection.include);
  const included = (path: string) => scripts.has(path) || globs(path);
  const within = selection.limitTo === undefined ? undefined : compileGlobs(selection.limitTo);
  const excluded = compileExcludes((selection.exclude ?? []).filter((glob) => !manifests.has(glob)));
  const taken = compileExcludes(excludedByManifest);
  const target = (request.targetPath ?? '.').replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
  const inTarget = (path: string) => path === target || path.startsWith(`${target}/`);
  const anywhere = target === '' || target === '.';
  const nothingTaken = excludedByManifest.length === 0;
  const files: InventoryFile[] = [];
  let takenAway = 0;
  for (const file of candidates(inventory, selection.include, scripts)) {
    const { path } = file;
    if (file.named === true && request.named !== true && !selection.include.includes(path)) continue;
    if (!(anywhere || inTarget(path)) || !included(path) || within?.(path) === false || excluded(path))
      continue;
    if (!nothingTaken && taken(path)) takenAway++;
    else files.push(file);
  }
  return { files, excludedByManifest: takenAway };
}

async function scriptsOf(
  inventory: Inventory,
  interpreters: readonly string[] | undefined,
): Promise<ReadonlySet<string>> {
  if (interpreters === undefined) return NO_SCRIPTS;
  const all = await scriptFiles(inventory);
  return new Set([...all].flatMap(([path, name]) => (interpreters.includes(name) ? [path] : [])));
}

function candidates(
  inventory: Pick<Inventory, 'files'>,
  globs: readonly string[],
  scripts: ReadonlySet<string>,
): Iterable<InventoryFile> {
  // They may stand anywhere between the others.
  if (scripts.size > 0) return inventory.files;

  let lookup = lookups.get(inventory);
  if (lookup === undefined) {
    lookup = createFileLookup(inventory.files);
    lookups.set(inventory, lookup);
  }
  const rows = lookup.candidates(globs);
  return rows === undefined ? inventory.files : rows.flatMap((row) => inventory.files[row] ?? []);
}

async function digestFiles(
  inventory: Inventory,
  files: readonly InventoryFile[],
): Promise<{ readonly files: readonly InventoryFile[]; readonly digest: Digest }> {
  const digests = await digestsOf(inventory, files);
  const hash = createHash('sha256').update('secplan input set v1\n');
  const readable: InventoryFile[] = [];
  let records = '';
  for (const [i, file] of files.entries()) {
    const content = digests[i];
    if (content === undefined) continue;
    readable.push(file);
    // No path holds a NUL and what follows it has a fixed length: two lists never give the same bytes.
    records += `${file.path}\0${file.executable ? 'x' : '-'}${content.slice('sha256:'.length)}`;
    if (records.length > FLUSH_CHARS) {
      hash.update(records);
      records = '';
    }
  }
  const all = readable.length === files.length ? files : readable;
  return { files: all, digest: digestOfHex(hash.update(records).digest('hex')) };
}

function digestsOf(
  inventory: Inventory,
  files: readonly InventoryFile[],
): Promise<readonly (Digest | undefined)[]> {
  if (isWorkspace(inventory)) return inventory.digests(files);
  return Promise.all(files.map((file) => inventory.digest(file.path)));
}

function isWorkspace(inventory: Inventory): inventory is WorkspaceInventory {
  return 'digests' in inventory;
}
