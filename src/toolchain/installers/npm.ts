import { mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { memberPath } from '../archive/sink.ts';
import { unpackTar } from '../archive/tar.ts';
import { findProgram } from '../find-program.ts';
import { hashFile } from '../hash-file.ts';
import type { LockedPackage } from '../lock-types.ts';
import { type Attempt, refuse } from '../problem.ts';
import { runProgram, tailOf } from '../run-program.ts';
import type { BuiltTool } from '../store.ts';
import { INSTALL_TIMEOUT_MS, type InstallContext } from './context.ts';

/**
 * Every locked package's tarball, fetched by npm (for its registry settings), checked against the lock here, and
 * unpacked at its place in the tree. No script of any package runs.
 */
export async function installNpm(context: InstallContext): Promise<Attempt<{ built: BuiltTool }>> {
  const npm = findProgram('npm', context.env.PATH ?? '', context.workspace);
  if (npm.found !== 'yes') return refuse('SP4006', 'npm is not on PATH', 'Install Node.js with npm.');
  const { locked, dir } = context;
  const scratch = join(dir, '.packages');
  for (const [index, item] of locked.packages.entries()) {
    const got = await fetchPackage(context, npm.path, item, join(scratch, String(index)));
    if (!got.ok) return got;
    await place(
      got.path,
      join(scratch, `${index}.tree`),
      join(dir, item.path ?? `node_modules/${item.name}`),
    );
  }
  await rm(scratch, { recursive: true });
  const root = locked.packages[0];
  const home = join(dir, root?.path ?? `node_modules/${root?.name}`);
  const script = await binOf(home, context.bin);
  if (!script) return refuse('SP4003', `${locked.package} has no executable ${context.bin}`);
  const executable = join('bin', context.bin);
  await mkdir(join(dir, 'bin'));
  await symlink(relative(join(dir, 'bin'), script), join(dir, executable));
  // The script's first line asks for node on PATH: the one that runs secplan is at hand in the sandbox too.
  return {
    ok: true,
    built: {
      executable,
      mounts: [process.execPath],
      env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` },
      host: { node: process.versions.node },
    },
  };
}

async function fetchPackage(
  context: InstallContext,
  npm: string,
  item: LockedPackage,
  folder: string,
): Promise<Attempt<{ path: string }>> {
  await mkdir(folder, { recursive: true });
  const result = await runProgram(
    npm,
    ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder, `${item.name}@${item.version}`],
    {
      cwd: folder,
      env: context.env,
      timeoutMs: INSTALL_TIMEOUT_MS,
      ...(context.signal ? { signal: context.signal } : {}),
    },
  );
  const [name] = await readdir(folder);
  if (result.code !== 0 || !name) return refuse('SP4003', `npm pack ${item.name}: ${tailOf(result)}`);
  const path = join(folder, name);
  const actual = `sha512-${await hashFile(path, 'sha512', 'base64')}`;
  if (!item.hashes.includes(actual)) {
    return refuse('SP4004', `${item.name}@${item.version} is ${actual}, locked is ${item.hashes.join(', ')}`);
  }
  return { ok: true, path };
}

/** npm's tarballs hold one folder, mostly `package/`, whose name does not matter. */
async function place(tarball: string, scratch: string, target: string): Promise<void> {
  await unpackTar(tarball, scratch);
  const [folder] = await readdir(scratch);
  await mkdir(dirname(target), { recursive: true });
  // A nested dependency may have made the folder already; then its content goes in beside.
  if (folder === undefined) return;
  if (!(await stat(target).catch(() => undefined))) return rename(join(scratch, folder), target);
  for (const name of await readdir(join(scratch, folder))) {
    await rename(join(scratch, folder, name), join(target, name));
  }
}

async function binOf(home: string, bin: string): Promise<string | undefined> {
  const manifest = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as {
    bin?: string | Record<string, string>;
  };
  const script = typeof manifest.bin === 'string' ? manifest.bin : manifest.bin?.[bin];
  return script === undefined ? undefined : join(home, memberPath(script));
}
