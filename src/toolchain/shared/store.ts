import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, lstat, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import type { Digest } from '../../core/ids.ts';
import type { Attempt } from './problem.ts';
import { refuse } from './problem.ts';

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

export interface Store {
  readonly root: string;
  /** The entry of a pinned tool; undefined unless it was installed to its end and what it needs is still there. */
  find(ref: StoreRef): Promise<StoreEntry | undefined>;
  /** Builds an entry in its own folder beside its final place and publishes it by one rename. */
  install(
    ref: StoreRef,
    build: (dir: string, finalDir: string) => Promise<Attempt<{ built: BuiltTool }>>,
  ): Promise<Attempt<{ entry: StoreEntry }>>;
  list(): Promise<readonly StoreEntry[]>;
}

const READY = 'ready.json';
const READY_SCHEMA = 'https://secplan.dev/schema/tool-ready/v1';
const STALE_MS = 24 * 3600 * 1000;

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
    install: (ref, build) => installEntry(root, ref, build),
    list: () => listEntries(root),
  };
}

function entryDir(root: string, ref: StoreRef): string {
  // The version comes from a lock file: made harmless as a file name.
  const version = ref.version.replaceAll(/[^A-Za-z0-9._+-]/g, '_');
  return join(root, ref.tool, ref.provider, `${version}-${ref.digest.slice(7, 19)}`);
}

async function findEntry(root: string, ref: StoreRef): Promise<StoreEntry | undefined> {
  const entry = await readEntry(entryDir(root, ref));
  return entry && entry.ready.digest === ref.digest ? entry : undefined;
}

async function readEntry(dir: string): Promise<StoreEntry | undefined> {
  try {
    const ready = JSON.parse(await readFile(join(dir, READY), 'utf8')) as ReadyEntry;
    if (ready.schema !== READY_SCHEMA) return undefined;
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
  const parent = join(root, ref.tool, ref.provider);
  // Longer than the final name: a path that fits a script's first line here fits it there.
  const dir = `${finalDir}.tmp-${randomBytes(6).toString('hex')}`;
  try {
    await mkdir(dir, { recursive: true, mode: 0o755 });
    await removeStale(parent);
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
    const published = await publish(dir, finalDir);
    return published
      ? { ok: true, entry: published }
      : refuse('SP4003', `the installed tool could not be moved to ${finalDir}`);
  } catch (error) {
    return refuse('SP4003', (error as Error).message);
  } finally {
    await removeTree(dir);
  }
}

/** Renames a finished entry to its place. Losing the race against another installer is no failure: its entry is taken. */
async function publish(dir: string, finalDir: string): Promise<StoreEntry | undefined> {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await rename(dir, finalDir);
      return await readEntry(finalDir);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    }
    const other = await readEntry(finalDir);
    if (other) return other;
    // What lies there is not usable: out of the way with it, in one step too.
    const trash = `${finalDir}.tmp-${randomBytes(6).toString('hex')}`;
    await rename(finalDir, trash).catch(() => undefined);
    await removeTree(trash);
  }
  return undefined;
}

async function listEntries(root: string): Promise<readonly StoreEntry[]> {
  const entries: StoreEntry[] = [];
  for (const tool of await names(root)) {
    for (const provider of await names(join(root, tool))) {
      for (const name of await names(join(root, tool, provider))) {
        if (name.includes('.tmp-')) continue;
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

/** Leftovers of installers that were killed. By age, as another machine may share the store and still be at work. */
async function removeStale(parent: string): Promise<void> {
  for (const name of await names(parent)) {
    if (!name.includes('.tmp-')) continue;
    const info = await lstat(join(parent, name)).catch(() => undefined);
    if (info && Date.now() - info.mtimeMs > STALE_MS) await removeTree(join(parent, name));
  }
}

async function makeReadOnly(dir: string): Promise<void> {
  for (const item of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, item.name);
    if (item.isDirectory()) await makeReadOnly(path);
    else if (item.isFile()) await chmod(path, readableByAll((await stat(path)).mode));
  }
  await chmod(dir, 0o555);
}

/** In a sandbox that root starts, a tool runs as a separate user. */
function readableByAll(mode: number): number {
  return (mode & 0o100) === 0 ? 0o444 : 0o555;
}

/** Removes a tree whose folders are read-only. */
async function removeTree(dir: string): Promise<void> {
  const info = await lstat(dir).catch(() => undefined);
  if (!info) return;
  await makeWritable(dir).catch(() => undefined);
  await rm(dir, { recursive: true, force: true }).catch(() => undefined);
}

async function makeWritable(dir: string): Promise<void> {
  await chmod(dir, 0o755);
  for (const item of await readdir(dir, { withFileTypes: true })) {
    if (item.isDirectory()) await makeWritable(join(dir, item.name));
  }
}
