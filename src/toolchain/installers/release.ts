import { chmod, copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { memberPath } from '../../io/archive/sink.ts';
import { unpackTar } from '../../io/archive/tar.ts';
import { unpackZip } from '../../io/archive/zip.ts';
import type { ReleaseFile } from '../../lock/lock-types.ts';
import { findCarried } from '../shared/carried.ts';
import { type DownloadOptions, downloadFile } from '../shared/download.ts';
import { type Attempt, refuse } from '../shared/problem.ts';
import type { BuiltTool } from '../shared/store.ts';
import type { InstallContext } from './context.ts';

/** The key of this machine in a lock entry's `files`, for example `linux-x64`. */
export function machineKey(): string {
  return `${platform()}-${arch()}`;
}

/** A project's own binary by URL and sha256: a plain executable, or one out of a tar, tar.gz or zip. */
export async function installRelease(
  context: InstallContext,
  options: DownloadOptions = {},
): Promise<Attempt<{ built: BuiltTool }>> {
  const file = context.locked.files?.[machineKey()];
  if (!file) return refuse('SP4003', `the lock has no release file for ${machineKey()}`);
  const download = join(context.dir, '.download');
  const got = await fetchRelease(context, file, download, options);
  if (!got.ok) return got;
  await context.keep?.(download);
  const executable =
    file.member === undefined ? join('bin', context.bin) : join('tree', memberPath(file.member));
  const path = join(context.dir, executable);
  if (file.member === undefined) {
    await mkdir(dirname(path), { recursive: true });
    await rename(download, path);
  } else {
    const tree = join(context.dir, 'tree');
    const unpack = new URL(file.url).pathname.endsWith('.zip') ? unpackZip : unpackTar;
    await unpack(download, tree);
    await rm(download);
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile()) return refuse('SP4003', `the archive does not contain ${file.member}`);
  }
  await chmod(path, 0o755);
  return { ok: true, built: { executable, mounts: [], env: {}, host: {} } };
}

async function fetchRelease(
  context: InstallContext,
  { url, sha256 }: ReleaseFile,
  to: string,
  options: DownloadOptions,
): Promise<Attempt<object>> {
  if (context.carried === undefined) {
    return downloadFile(url, sha256, to, {
      ...options,
      ...(context.signal ? { signal: context.signal } : {}),
    });
  }
  const found = findCarried(context.carried, context.locked.package, [`sha256:${sha256}`]);
  if (found.ok) await copyFile(found.path, to);
  return found;
}
