import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { Digest } from '../../core/ids.ts';
import { unreachable } from '../../core/unreachable.ts';
import { processMark } from '../../io/process-mark.ts';
import type { Attempt } from './problem.ts';
import { refuse } from './problem.ts';
import { type ChangedFile, changedFile, RECORD, recordFiles } from './store-files.ts';
import { BUILDING, makeReadOnly, removeDeadBuilds, removeTree } from './store-folders.ts';

/** Names one installation: what the lock pins for one provider of one tool. */
export interface StoreRef {
  readonly tool: string;
  readonly provider: string;
  readonly version: string;
  readonly digest: Digest;
}

/** What an installer built, as `ready.json` keeps it. */
export interface BuiltTool {
  /** Executable, relative to the entry. */
  readonly executable: string;
  /** Absolute host paths outside the entry that it needs to see, for example its interpreter's prefix. */
  readonly mounts: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Facts of this machine that its results may depend on, for example the interpreter's version. */
  readonly host: Readonly<Record<string, string>>;
}

export interface ReadyEntry extends BuiltTool, StoreRef {
  readonly schema: 'https://secplan.dev/schema/tool-ready/v1';
  /** RFC 3339. */
  readonly installedAt: string;
}

export interface StoreEntry {
  /** Absolute folder of the entry. */
  readonly dir: string;
  readonly ready: ReadyEntry;
}

/**
 * `absent`: not installed to its end, or what it needs is gone. `changed`: what runs would not be what was installed.
 */
export type FoundEntry =
  | { readonly kind: 'absent' }
  | { readonly kind: 'present'; readonly entry: StoreEntry }
  | { readonly kind: 'changed'; readonly entry: StoreEntry; readonly file: ChangedFile };

export interface Store {
  readonly root: string;
  /** The entry of a pinned tool, its files held against those that were installed. */
  find(ref: StoreRef): Promise<FoundEntry>;
  /** Takes an entry away. */
  remove(ref: StoreRef): Promise<void>;
  /** Builds an entry in its own folder and publishes it by one rename. SP4008 where the store is full. */
  install(
    ref: StoreRef,
    build: (dir: string, finalDir: string) => Promise<Attempt<{ built: BuiltTool }>>,
  ): Promise<Attempt<{ entry: StoreEntry }>>;
  list(): Promise<readonly StoreEntry[]>;
}

const READY = 'ready.json';
const READY_SCHEMA = 'https://secplan.dev/schema/tool-ready/v1';

/** `SECPLAN_TOOLS_DIR`, else `$XDG_DATA_HOME/secplan/tools`, else `~/.local/share/secplan/tools`. */
export function toolsDir(env: Readonly<Record<string, string | undefined>>): string {
  if (env.SECPLAN_TOOLS_DIR) return resolve(env.SECPLAN_TOOLS_DIR);
  // The XDG base directory specification: a relative path is to be ignored.
  const data = env.XDG_DATA_HOME && isAbsolute(env.XDG_DATA_HOME) ? env.XDG_DATA_HOME : null;
  return join(data ?? join(env.HOME || homedir(), '.local', 'share'), 'secplan', 'tools');
}

/** Opens secplan's own tool store; nothing is created before something is installed. */
export function openStore(root: string): Store {
  return {
    root,
    find: (ref) => findEntry(root, ref),
    remove: (ref) => removeEntry(root, ref),
    install: (ref, build) => installEntry(root, ref, build),
    list: () => listEntries(root),
  };
}

function entryDir(root: string, ref: StoreRef): string {
  return join(root, ref.tool, ref.provider, nameOf(ref));
}

function nameOf({ version, digest }: StoreRef): string {
  // The version comes from a lock file: made harmless as a file name.
  return `${version.replaceAll(/[^A-Za-z0-9._+-]/g, '_')}-${digest.slice(7, 19)}`;
}

/** Longer than the final name: a path that fits a script's first line here fits it there. */
function buildFolder(root: string, ref: StoreRef): string {
  const name = `${ref.tool}-${ref.provider}-${nameOf(ref)}`;
  return join(root, BUILDING, `${name}.${processMark()}.${randomBytes(6).toString('hex')}`);
}

async function findEntry(root: string, ref: StoreRef): Promise<FoundEntry> {
  const entry = await readEntry(entryDir(root, ref));
  if (entry?.ready.digest !== ref.digest) return { kind: 'absent' };
  const file = changedFile(entry.dir);
  return file === undefined ? { kind: 'present', entry } : { kind: 'changed', entry, file };
}

async function readEntry(dir: string): Promise<StoreEntry | undefined> {
  try {
    const ready = JSON.parse(await readFile(join(dir, READY), 'utf8')) as ReadyEntry;
    if (ready.schema !== READY_SCHEMA) return undefined;
    // Without it nobody could say whether the tool is still what was installed.
    await stat(join(dir, RECORD));
    // An interpreter that was removed or replaced leaves a dangling link: such an entry does not count.
    await stat(join(dir, ready.executable));
    for (const mount of ready.mounts) await stat(mount);
    if (ready.host.interpreter) await stat(ready.host.interpreter);
    return { dir, ready };
  } catch {
    return undefined;
  }
}

async function installEntry(
  root: string,
  ref: StoreRef,
  build: (dir: string, finalDir: string) => Promise<Attempt<{ built: BuiltTool }>>,
): Promise<Attempt<{ entry: StoreEntry }>> {
  const finalDir = entryDir(root, ref);
  const dir = buildFolder(root, ref);
  try {
    await removeDeadBuilds(root);
    await mkdir(dir, { recursive: true, mode: 0o755 });
    await mkdir(dirname(finalDir), { recursive: true, mode: 0o755 });
    const outcome = await build(dir, finalDir);
    if (!outcome.ok) return outcome;
    const ready: ReadyEntry = {
      schema: READY_SCHEMA,
      ...ref,
      ...outcome.built,
      installedAt: new Date().toISOString(),
    };
    await stat(join(dir, ready.executable));
    await writeFile(join(dir, READY), `${JSON.stringify(ready, null, 2)}\n`);
    await makeReadOnly(dir);
    recordFiles(dir);
    const published = await publish(root, ref, dir);
    return published
      ? { ok: true, entry: published }
      : refuse('SP4003', `the installed tool could not be moved to ${finalDir}`);
  } catch (error) {
    return storeProblem(root, error);
  } finally {
    await removeTree(dir);
  }
}

/** What the file system said while the store was written. */
function storeProblem(root: string, error: unknown): ReturnType<typeof refuse> {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return storeFull(root);
  return refuse('SP4003', message);
}

/** SP4008: the store's file system, or the user's share of it, is full. */
export function storeFull(root: string): ReturnType<typeof refuse> {
  return refuse(
    'SP4008',
    `no space is left in the tool store ${root}`,
    'Free some there, or set SECPLAN_TOOLS_DIR to a folder with more.',
  );
}

/** Renames a finished entry to its place. Losing the race against another installer is no failure: its entry is taken. */
async function publish(root: string, ref: StoreRef, dir: string): Promise<StoreEntry | undefined> {
  const finalDir = entryDir(root, ref);
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      // Closed only in its place: the kernel lets nobody but root move a folder that is not open to its owner.
      await rename(dir, finalDir);
      await chmod(finalDir, 0o555);

      return await readEntry(finalDir);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    }
    const other = await readEntry(finalDir);
    if (other) return other;
    // What lies there is not usable.
    await removeEntry(root, ref);
  }
  return undefined;
}

/** The entry of a pinned tool, undefined where it is to be installed; SP4009 where its files were changed. */
export async function openEntry(
  store: Store,
  ref: StoreRef,
): Promise<Attempt<{ entry: StoreEntry | undefined }>> {
  const found = await store.find(ref);
  switch (found.kind) {
    case 'absent':
      return { ok: true, entry: undefined };
    case 'present':
      return { ok: true, entry: found.entry };
    case 'changed':
      return changedProblem(ref, found.file);
    default:
      return unreachable(found);
  }
}

function changedProblem({ tool, version }: StoreRef, { path, how }: ChangedFile): ReturnType<typeof refuse> {
  const what = { changed: 'was changed', added: 'was added', removed: 'is gone' }[how];
  return refuse(
    'SP4009',
    `${tool} ${version} is not what was installed: ${path} ${what}`,
    `Install it again: secplan tools install --reinstall ${tool}.`,
  );
}

/** Out of its place in one step, as others may be reading it. */
async function removeEntry(root: string, ref: StoreRef): Promise<void> {
  const trash = buildFolder(root, ref);
  await mkdir(dirname(trash), { recursive: true, mode: 0o755 });
  const entry = entryDir(root, ref);
  await chmod(entry, 0o755).catch(() => undefined);
  await rename(entry, trash).catch(() => undefined);
  await removeTree(trash);
}

async function listEntries(root: string): Promise<readonly StoreEntry[]> {
  const entries: StoreEntry[] = [];
  for (const tool of await names(root)) {
    if (tool === BUILDING) continue;
    for (const provider of await names(join(root, tool))) {
      for (const name of await names(join(root, tool, provider))) {
        const entry = await readEntry(join(root, tool, provider, name));
        if (entry) entries.push(entry);
      }
    }
  }
  return entries;
}

async function names(folder: string): Promise<string[]> {
  return existsSync(folder) ? (await readdir(folder)).sort() : [];
}
