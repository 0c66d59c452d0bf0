import { realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { byCodeUnit } from '../../core/canonical.ts';
import type { DiagnosticCode } from '../../core/codes.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { type FileIdentity, outputFiles } from '../../io/output-files.ts';
import { pathBelow, realPathOf } from '../../io/paths.ts';
import { type ListedFiles, listFiles, type StartedListing } from './list-files.ts';
import { type Look, lookAtFiles } from './look-at-file.ts';
import { secplanFiles } from './secplan-files.ts';
import { copyStamp, emptyTable, type FileTable, loadStatIndex, setStamp } from './stat-index.ts';
import type { InventoryFile, LeftOut, WorkspaceInventory } from './types.ts';
import { walkFiles } from './walk-files.ts';
import { MAX_NAMED_BYTES, openWorkspace } from './workspace-inventory.ts';

/** Files above this are left out, listed in coverage: 100 MiB. */
export const MAX_FILE_BYTES = 100 * 2 ** 20;

export interface InventoryRequest {
  /** The workspace. */
  readonly root: string;
  /** Where bundles are written; left out when it lies in the workspace. */
  readonly exportDir?: string;
  /** secplan's own cache; left out when it lies in the workspace. */
  readonly cacheDir?: string;
  /** Where the stat index of this workspace is kept. */
  readonly indexFile: string;
  readonly maxFileBytes?: number;
  /** Files and folders that targets name, relative to the workspace: kept though git ignores them, whatever their size. */
  readonly named?: readonly string[];
  /** Files of the workspace that say how results are judged, relative to it: left out but where a target names them. */
  readonly policyFiles?: ReadonlySet<string>;
  /** Files that this run's output goes to, left out; by default those of this process. */
  readonly logs?: ReadonlySet<FileIdentity>;
  /** Of the same folder, started before. */
  readonly listing?: StartedListing;
}

/**
 * Sees which files the workspace has, without reading one. Tracked files and untracked ones that git does not
 * ignore; without git, all; never dependency, virtual-environment, build or cache folders (folder-rules.ts).
 * Warns with SP5004, SP5005 and SP5010; fails with SP2012 when the root is no folder.
 */
export async function takeInventory(request: InventoryRequest): Promise<Outcome<WorkspaceInventory>> {
  const maxFileBytes = request.maxFileBytes ?? MAX_FILE_BYTES;
  const root = realFolder(request.root);
  if (root === undefined) return failed([diagnostic('SP2012', `workspace ${request.root} is not a folder`)]);
  const own = ownFolders(root, request);
  const listing = listFiles(root, own, request.listing);
  const remembered = loadStatIndex(request.indexFile);
  const logs = request.logs ?? outputFiles();
  const look = await lookAhead(remembered.paths, lookAtFiles(root, maxFileBytes, logs), listing);
  const listed = await listing;
  const ours = secplanFiles(root, listed.paths, request.policyFiles ?? NO_PATHS);
  let paths = ours.size === 0 ? listed.paths : listed.paths.filter((path) => !ours.has(path));
  let seen = lookAtAll(paths, look);
  const empty: LeftOut[] = [];
  // Git shows a submodule as one entry that is a folder on disk. The loop ends: each turn replaces folders by files.
  while (seen.folders.length > 0) {
    const folders = new Set(seen.folders);
    const inside = await Promise.all(seen.folders.map((path) => listed.expand(path.replace(/\/$/, ''))));
    for (const [at, path] of seen.folders.entries())
      if (inside[at]?.length === 0) empty.push({ path: `${path}/`, reason: 'submodule' });
    paths = [...new Set([...paths.filter((path) => !folders.has(path)), ...inside.flat()])].sort();
    seen = lookAtAll(paths, look);
  }
  const missed = namedPaths(root, request.named ?? [], seen.files, own);
  let { files, table, links } = seen;
  const refused = [...seen.refused];
  if (missed.size > 0) {
    const big = lookAtFiles(root, MAX_NAMED_BYTES, logs);
    const again = lookAtAll([...new Set([...paths, ...missed])].sort(), (path, into, row) =>
      missed.has(path) ? noted(big(path), into, row) : look(path, into, row),
    );
    files = again.files.map((file) => (missed.has(file.path) ? { ...file, named: true } : file));
    table = again.table;
    links = again.links;
    refused.splice(0, refused.length, ...again.refused);
  }
  const absent = absentFiles(seen.gone, listed);
  const judging = [...ours].map((path): LeftOut => ({ path, reason: 'secplan-file' }));
  const leftOut = [...listed.leftOut(), ...refused, ...empty, ...absent, ...judging]
    .filter(({ path }) => !missed.has(path))
    .sort((a, b) => byCodeUnit(a.path, b.path));
  const inventory = openWorkspace({
    root,
    maxFileBytes,
    indexFile: request.indexFile,
    remembered,
    files,
    table,
    links,
    leftOut,
    // What is scanned is not what the commit holds where a part of it is not there.
    git: listed.git && { ...listed.git, dirty: listed.git.dirty || empty.length > 0 || absent.length > 0 },
  });
  return success(inventory, warnings(leftOut, listed.gitTrouble));
}

/** secplan's own folders that lie in the workspace. */
function ownFolders(
  root: string,
  { cacheDir, exportDir }: Pick<InventoryRequest, 'cacheDir' | 'exportDir'>,
): ReadonlyMap<string, LeftOut['reason']> {
  const own = new Map<string, LeftOut['reason']>();
  for (const [folder, reason] of [
    [cacheDir, 'ignored-folder'],
    [exportDir, 'export-folder'],
  ] as const) {
    const inside = folder === undefined ? undefined : pathBelow(root, realPathOf(resolve(folder)));
    if (inside !== undefined) own.set(inside, reason);
  }
  return own;
}

function absentFiles(gone: readonly string[], listed: Pick<ListedFiles, 'isTracked'>): LeftOut[] {
  return gone.filter((path) => listed.isTracked(path)).map((path) => ({ path, reason: 'absent' }));
}

/** The files of named paths that are not among those seen. */
function namedPaths(
  root: string,
  named: readonly string[],
  files: readonly InventoryFile[],
  own: ReadonlyMap<string, LeftOut['reason']>,
): ReadonlySet<string> {
  if (named.length === 0) return NO_PATHS;
  const seen = new Set(files.map((file) => file.path));
  const missed = new Set<string>();
  for (const path of named) {
    if (path === '' || path === '.' || seen.has(path)) continue;
    const stat = statSync(join(root, path), { throwIfNoEntry: false });
    const inside = stat?.isDirectory() ? walkFiles(root, path, (folder) => own.get(folder)).paths : [path];
    if (stat !== undefined) for (const file of inside) if (!seen.has(file)) missed.add(file);
  }
  return missed;
}

const NO_PATHS: ReadonlySet<string> = new Set();

/** Files looked at between two turns of the event loop. */
const TURN_FILES = 250;

/** Looks at the path of a place in the list and notes what a file's state is in a row of a table. */
type LookInto = (path: string, table: FileTable, row: number) => Exclude<Look, { kind: 'file' }> | SeenFile;
interface SeenFile {
  readonly kind: 'file';
  readonly size: number;
  readonly executable: boolean;
  readonly link: boolean;
}

/**
 * Looks at the files of the last run while git is still listing those of this one: nearly always they are the same.
 * Gives the function that knows what was seen, and looks at the rest. States are kept in columns: 100,000 of them
 * as objects would be copied over and over by the collector.
 */
async function lookAhead(
  expected: readonly string[],
  look: (path: string) => Look,
  listing: Promise<unknown>,
): Promise<LookInto> {
  const states = emptyTable(expected);
  const seen: ReturnType<LookInto>[] = [];
  let listed = false;
  const stop = () => {
    listed = true;
  };
  listing.then(stop, stop);
  for (let i = 0; i < expected.length; i++) {
    if (i % TURN_FILES === 0) {
      await nextTurn();
      if (listed) break;
    }
    seen.push(noted(look(expected[i] ?? ''), states, i));
  }
  // Both lists are sorted, so the place in one is known from the place in the other.
  let at = 0;
  return (path, table, row) => {
    if ((expected[at - 1] ?? '') > path) at = 0;
    while (at < seen.length && (expected[at] ?? '') < path) at++;
    const before = expected[at] === path ? seen[at] : undefined;
    if (before === undefined) return noted(look(path), table, row);
    if (before.kind === 'file') copyStamp(states, at, table, row);
    return before;
  };
}

/** Notes a file's state in its row. */
function noted(look: Look, table: FileTable, row: number): ReturnType<LookInto> {
  if (look.kind !== 'file') return look;
  setStamp(table, row, look.stamp);
  return { kind: 'file', size: look.stamp.size, executable: look.executable, link: look.link };
}

interface Seen {
  readonly files: InventoryFile[];
  readonly table: FileTable;
  readonly links: ReadonlySet<string>;
  readonly refused: readonly LeftOut[];
  readonly folders: readonly string[];
  /** Listed, and not on disk. */
  readonly gone: readonly string[];
}

function lookAtAll(paths: readonly string[], look: LookInto): Seen {
  const table = emptyTable(paths);
  const files: InventoryFile[] = [];
  const links = new Set<string>();
  const refused: LeftOut[] = [];
  const folders: string[] = [];
  const gone: string[] = [];
  for (const path of paths) {
    const seen = look(path, table, files.length);
    if (seen.kind === 'left-out') refused.push({ path, reason: seen.reason });
    else if (seen.kind === 'folder') folders.push(path);
    else if (seen.kind === 'gone') gone.push(path);
    else if (seen.kind === 'file') {
      const { size, executable } = seen;
      if (seen.link) links.add(path);
      files.push({ path, size, executable });
    }
  }
  return { files, table, links, refused, folders, gone };
}

const WARNED: Partial<Record<LeftOut['reason'], readonly [DiagnosticCode, string]>> = {
  'special-file': ['SP5004', 'not a regular file, was not read'],
  unreadable: ['SP5004', 'cannot be read'],
  'unusable-name': ['SP5004', 'has a name that is not UTF-8'],
  'link-outside': ['SP5004', 'is a link that leaves the workspace; it was not followed'],
  'too-large': ['SP5005', 'is over the size limit'],
  absent: ['SP5004', 'is tracked and not on disk'],
  submodule: ['SP5004', 'is a submodule that is not checked out'],
  'lfs-pointer': ['SP5004', 'is a pointer: its content in Git LFS was not fetched'],
};
const NAMED_AT_MOST = 10;

/** One warning a reason, naming the first few. */
function warnings(leftOut: readonly LeftOut[], gitTrouble: string | undefined): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const [reason, [code, text]] of Object.entries(WARNED)) {
    const paths = leftOut.filter((left) => left.reason === reason).map((left) => JSON.stringify(left.path));
    const [first] = paths;
    if (first === undefined) continue;
    const more = paths.length - 1;
    const related = paths.slice(1, NAMED_AT_MOST).map((path) => ({ message: path }));
    found.push(diagnostic(code, `${first} ${text}${more > 0 ? `; so are ${more} more` : ''}`, { related }));
  }
  if (gitTrouble !== undefined)
    found.push(
      diagnostic('SP5010', `git could not list the workspace: ${gitTrouble}; every file is scanned`),
    );
  return found;
}

function realFolder(path: string): string | undefined {
  try {
    const real = realpathSync(path);
    return statSync(real).isDirectory() ? real : undefined;
  } catch {
    return undefined;
  }
}
