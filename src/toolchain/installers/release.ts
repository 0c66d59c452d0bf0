import { chmod, copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { join, relative } from 'node:path';
import { memberPath } from '../../io/archive/sink.ts';
import { unpackTar } from '../../io/archive/tar.ts';
import { unpackZip } from '../../io/archive/zip.ts';
import type { ReleaseFile } from '../../lock/lock-types.ts';
import { releaseFileFor } from '../../lock/release-files.ts';
import { findCarried } from '../shared/carried.ts';
import { type DownloadOptions, downloadFile } from '../shared/download.ts';
import { type Attempt, refuse } from '../shared/problem.ts';
import type { BuiltTool } from '../shared/store.ts';
import type { InstallContext } from './context.ts';

/** The largest release known, CodeQL's, is 1.5 GB and unpacks to three times that. */
const MAX_DOWNLOAD = 4 * 2 ** 30;
const LIMITS = { maxBytes: 12 * 2 ** 30, maxEntries: 500_000 } as const;
const ARCHIVE = /\.(tar|tar\.gz|tgz|zip)$/;

/** The key of this machine in a lock entry's `files`, for example `linux-x64`. */
export function machineKey(): string {
  return `${platform()}-${arch()}`;
}

/** A project's own binary by URL and sha256: a plain executable, or one out of a tar, tar.gz or zip. */
export async function installRelease(
  context: InstallContext,
  options: DownloadOptions = {},
): Promise<Attempt<{ built: BuiltTool }>> {
  const file = releaseFileFor(context.locked, machineKey());
  if (!file) return refuse('SP4003', `the lock has no release file for ${machineKey()}`);
  const download = join(context.dir, '.download');
  const got = await fetchRelease(context, file, download, options);
  if (!got.ok) return got;
  await context.keep?.(download);
  const placed = await place(download, file, context);
  if (!placed.ok) return placed;
  await chmod(join(context.dir, placed.executable), 0o755);
  return { ok: true, built: { executable: placed.executable, mounts: [], env: {}, host: {} } };
}

/** Puts what was fetched to its place in the entry: the whole archive, as programs need what lies beside them. */
async function place(
  download: string,
  { url, member }: ReleaseFile,
  { dir, bin }: InstallContext,
): Promise<Attempt<{ executable: string }>> {
  const name = new URL(url).pathname;
  if (member === undefined && !ARCHIVE.test(name)) {
    const executable = join('bin', bin);
    await mkdir(join(dir, 'bin'), { recursive: true });
    await rename(download, join(dir, executable));
    return { ok: true, executable };
  }
  const tree = join(dir, 'tree');
  await (name.endsWith('.zip') ? unpackZip : unpackTar)(download, tree, LIMITS);
  await rm(download);
  return member === undefined ? onlyMember(dir, tree, bin) : namedMember(dir, member);
}

async function namedMember(dir: string, member: string): Promise<Attempt<{ executable: string }>> {
  const executable = join('tree', memberPath(member));
  const found = await stat(join(dir, executable)).catch(() => undefined);
  return found?.isFile()
    ? { ok: true, executable }
    : refuse('SP4003', `the archive does not contain ${member}`);
}

/** The one file of the executable's name: projects put it at the top or in a folder that names the version. */
async function onlyMember(dir: string, tree: string, bin: string): Promise<Attempt<{ executable: string }>> {
  const entries = await readdir(tree, { recursive: true, withFileTypes: true });
  const found = entries.filter((entry) => entry.isFile() && entry.name === bin);
  const [only] = found;
  return found.length === 1 && only !== undefined
    ? { ok: true, executable: relative(dir, join(only.parentPath, only.name)) }
    : refuse('SP4003', `the archive contains ${found.length} files named ${bin}, not one`);
}

async function fetchRelease(
  context: InstallContext,
  { url, sha256 }: ReleaseFile,
  to: string,
  options: DownloadOptions,
): Promise<Attempt<object>> {
  if (context.carried === undefined) {
    return downloadFile(url, sha256, to, {
      maxBytes: MAX_DOWNLOAD,
      env: context.env,
      ...options,
      ...(context.signal ? { signal: context.signal } : {}),
    });
  }
  const found = findCarried(context.carried, context.locked.package, [`sha256:${sha256}`]);
  if (found.ok) await copyFile(found.path, to);
  return found;
}
