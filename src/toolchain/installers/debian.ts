import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile } from '../../io/hash-file.ts';
import { tailOf } from '../../io/run-program.ts';
import type { LockedPackage } from '../../lock/lock-types.ts';
import { findProgram } from '../programs/find-program.ts';
import { findCarried } from '../shared/carried.ts';
import { type Attempt, refuse } from '../shared/problem.ts';
import type { BuiltTool } from '../shared/store.ts';
import { INSTALL_TIMEOUT_MS, type InstallContext } from './context.ts';

/** Debian packages unpacked into the store: no root, no maintainer scripts, nothing of the system changed. */
export async function installDebian(context: InstallContext): Promise<Attempt<{ built: BuiltTool }>> {
  const { locked, dir, finalDir, env } = context;
  const dpkg = findProgram('dpkg-deb', env.PATH ?? '', context.workspace);
  if (dpkg.found !== 'yes') return refuse('SP4006', 'dpkg-deb is not on PATH: not a Debian system');
  const options = {
    env,
    timeoutMs: INSTALL_TIMEOUT_MS,
    ...(context.signal ? { signal: context.signal } : {}),
  };
  for (const [index, item] of locked.packages.entries()) {
    const scratch = join(dir, '.debs', String(index));
    await mkdir(scratch, { recursive: true });
    const got = await fetchDeb(context, item, scratch);
    if (!got.ok) return got;
    const unpacked = await context.run(dpkg.path, ['-x', got.path, join(dir, 'root')], {
      ...options,
      cwd: scratch,
    });
    if (unpacked.code !== 0) return refuse('SP4003', `dpkg-deb: ${tailOf(unpacked)}`);
  }
  await rm(join(dir, '.debs'), { recursive: true, force: true });
  const multiarch = await readdir(join(dir, 'root', 'usr', 'lib')).catch(() => []);
  const libraries = multiarch.filter((name) => name.endsWith('-linux-gnu'));
  const libraryEnv: Record<string, string> =
    libraries.length === 0
      ? {}
      : { LD_LIBRARY_PATH: libraries.map((name) => join(finalDir, 'root/usr/lib', name)).join(':') };
  return {
    ok: true,
    built: { executable: join('root', 'usr', 'bin', context.bin), mounts: [], env: libraryEnv, host: {} },
  };
}

async function fetchDeb(
  context: InstallContext,
  item: LockedPackage,
  scratch: string,
): Promise<Attempt<{ path: string }>> {
  const what = `${item.name} ${item.version}`;
  if (context.carried !== undefined) return findCarried(context.carried, what, item.hashes);
  const { env } = context;
  const apt = findProgram('apt-get', env.PATH ?? '', context.workspace);
  if (apt.found !== 'yes') return refuse('SP4006', 'apt-get is not on PATH: not a Debian system');
  const got = await context.run(apt.path, ['download', '-q', `${item.name}=${item.version}`], {
    env,
    cwd: scratch,
    timeoutMs: INSTALL_TIMEOUT_MS,
    ...(context.signal ? { signal: context.signal } : {}),
  });
  const [name] = await readdir(scratch);
  if (got.code !== 0 || !name) {
    return refuse('SP4003', `apt-get download: ${tailOf(got)}`, 'Refresh the package lists: apt-get update.');
  }
  const path = join(scratch, name);
  const actual = `sha256:${await hashFile(path)}`;
  if (!item.hashes.includes(actual)) {
    return refuse('SP4004', `${what} is ${actual}, locked is ${item.hashes.join(', ')}`);
  }
  await context.keep?.(path);
  return { ok: true, path };
}
