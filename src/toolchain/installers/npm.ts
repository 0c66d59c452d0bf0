import { mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { memberPath } from '../../io/archive/sink.ts';
import { unpackTar } from '../../io/archive/tar.ts';
import { hashFile } from '../../io/hash-file.ts';
import { tailOf } from '../../io/run-program.ts';
import type { LockedPackage } from '../../lock/lock-types.ts';
import { findProgram } from '../programs/find-program.ts';
import { findCarried } from '../shared/carried.ts';
import { type Attempt, refuse } from '../shared/problem.ts';
import type { BuiltTool } from '../shared/store.ts';
import { INSTALL_TIMEOUT_MS, type InstallContext } from './context.ts';

/** `npm pack --json` lists every file of every package: its output stays under the limit with this many. */
const AT_A_TIME = 25;

/**
 * Every locked package's tarball, fetched by npm (for its registry settings), checked against the lock here, and
 * unpacked at its place in the tree. No script of any package runs.
 */
export async function installNpm(context: InstallContext): Promise<Attempt<{ built: BuiltTool }>> {
  const { locked, dir } = context;
  const scratch = join(dir, '.packages');
  await mkdir(scratch);
  const fetched = context.carried === undefined ? await fetchPackages(context, scratch) : noPaths;
  if (!fetched.ok) return fetched;
  for (const [index, item] of locked.packages.entries()) {
    const checked = await checkPackage(context, item, fetched.paths);
    if (!checked.ok) return checked;
    await place(
      checked.path,
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

const noPaths: Attempt<{ paths: ReadonlyMap<string, string> }> = { ok: true, paths: new Map() };

async function checkPackage(
  context: InstallContext,
  item: LockedPackage,
  paths: ReadonlyMap<string, string>,
): Promise<Attempt<{ path: string }>> {
  if (context.carried !== undefined) return findCarried(context.carried, specOf(item), item.hashes);
  const path = paths.get(specOf(item));
  const actual = path === undefined ? 'absent' : `sha512-${await hashFile(path, 'sha512', 'base64')}`;
  if (path === undefined || !item.hashes.includes(actual)) {
    return refuse('SP4004', `${specOf(item)} is ${actual}, locked is ${item.hashes.join(', ')}`);
  }
  await context.keep?.(path);
  return { ok: true, path };
}

/** All tarballs, some at a time, by `name@version`. What npm says of their hashes is not looked at. */
async function fetchPackages(
  context: InstallContext,
  folder: string,
): Promise<Attempt<{ paths: ReadonlyMap<string, string> }>> {
  const npm = findProgram('npm', context.env.PATH ?? '', context.workspace);
  if (npm.found !== 'yes') return refuse('SP4006', 'npm is not on PATH', 'Install Node.js with npm.');
  const specs = [...new Set(context.locked.packages.map(specOf))];
  const paths = new Map<string, string>();
  const options = {
    cwd: folder,
    env: context.env,
    timeoutMs: INSTALL_TIMEOUT_MS,
    ...(context.signal ? { signal: context.signal } : {}),
  };
  for (let at = 0; at < specs.length; at += AT_A_TIME) {
    const some = specs.slice(at, at + AT_A_TIME);
    const args = ['pack', '--json', '--silent', '--ignore-scripts', '--pack-destination', folder, ...some];
    const result = await context.run(npm.path, args, options);
    const packed = result.code === 0 ? packedFiles(result.stdout) : undefined;
    if (!packed) return refuse('SP4003', `npm pack: ${tailOf(result)}`);
    // A file's name is npm's; only its last part is taken, so it cannot lead elsewhere.
    for (const item of packed)
      paths.set(`${item.name}@${item.version}`, join(folder, basename(item.filename)));
  }
  return { ok: true, paths };
}

function packedFiles(text: string): { name: string; version: string; filename: string }[] | undefined {
  try {
    const list = JSON.parse(text) as { name: string; version: string; filename: string }[];
    return Array.isArray(list) ? list : Object.values(list);
  } catch {
    return undefined;
  }
}

function specOf(item: LockedPackage): string {
  return `${item.name}@${item.version}`;
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
