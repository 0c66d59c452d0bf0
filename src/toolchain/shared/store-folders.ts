import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { chmod, lstat, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { markedProcess } from '../../io/process-mark.ts';

/** Folder of the store in which entries are built, each named after the process that builds it. */
export const BUILDING = '.building';
/** For what a process left that cannot be seen from here: another machine may share the store. Milliseconds. */
const STALE_MS = 24 * 3600 * 1000;

/** Removes what installers that were killed left. Nothing that a live process builds. One look into one folder. */
export async function removeDeadBuilds(root: string): Promise<void> {
  const folder = join(root, BUILDING);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const owner = markedProcess(name.split('.').at(-2) ?? '');
    const path = join(folder, name);
    if (owner === 'dead' || (owner === 'unknown' && isStale(path))) await removeTree(path);
  }
}

function isStale(path: string): boolean {
  const info = lstatSync(path, { throwIfNoEntry: false });
  return info !== undefined && Date.now() - info.mtimeMs > STALE_MS;
}

/** Files and folders below a folder, which stays writable itself. */
export async function makeReadOnly(dir: string): Promise<void> {
  for (const item of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, item.name);
    if (item.isDirectory()) {
      await makeReadOnly(path);
      await chmod(path, 0o555);
    } else if (item.isFile()) await chmod(path, readableByAll((await stat(path)).mode));
  }
}

/** In a sandbox that root starts, a tool runs as a separate user. */
function readableByAll(mode: number): number {
  return (mode & 0o100) === 0 ? 0o444 : 0o555;
}

/** Removes a tree whose folders are read-only. */
export async function removeTree(dir: string): Promise<void> {
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
