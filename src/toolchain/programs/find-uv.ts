import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { unpackZip } from '../../io/archive/zip.ts';
import { tailOf } from '../../io/run-program.ts';
import type { LockedProvider, ToolsLock } from '../../lock/lock-types.ts';
import type { InHouse } from '../house/in-house.ts';
import type { RunInstaller } from '../house/installer-house.ts';
import { type Carried, findCarried } from '../shared/carried.ts';
import { HASH_MISMATCH } from '../shared/hash-mismatch.ts';
import { type Attempt, refuse } from '../shared/problem.ts';
import { requirementsText } from '../shared/requirements-text.ts';
import type { BuiltTool, Store, StoreRef } from '../shared/store.ts';
import { findProgram } from './find-program.ts';
import { findPython, type Interpreter } from './python.ts';
import { storedInstaller } from './stored-installer.ts';

const TIMEOUT_MS = 5 * 60 * 1000;

interface UvContext {
  readonly store: Store;
  readonly lock: ToolsLock;
  readonly env: Readonly<Record<string, string>>;
  readonly workspace: string | null;
  readonly offline: boolean;
  readonly inHouse: InHouse;
  /** uv's own wheel, carried in. */
  readonly carried?: Carried | undefined;
}

/** uv from PATH, else the locked one from secplan's store, else that one fetched into the store by some pip. */
export async function findUv(context: UvContext): Promise<Attempt<{ path: string }>> {
  const onPath = findProgram('uv', context.env.PATH ?? '', context.workspace);
  if (onPath.found === 'yes') return { ok: true, path: onPath.path };
  const locked = context.lock.installers?.uv;
  if (!locked) return refuse('SP4006', 'uv is not on PATH and the lock does not pin one', 'Install uv.');
  const { carried } = context;
  return storedInstaller(context.store, uvRef(locked), {
    name: 'uv',
    offline: context.offline && carried === undefined,
    build: (dir) =>
      carried === undefined
        ? context.inHouse({ kind: 'pypi', written: [dir] }, (run) =>
            fetchUv(locked, dir, { ...context, run }),
          )
        : unpackUv(locked, dir, carried),
  });
}

export function uvRef(locked: LockedProvider): StoreRef {
  return { tool: 'uv', provider: locked.kind, version: locked.version, digest: locked.digest };
}

/** A wheel is a zip, and uv's holds one program that needs nothing else: no pip is needed to install it. */
async function unpackUv(
  locked: LockedProvider,
  dir: string,
  carried: Carried,
): Promise<Attempt<{ built: BuiltTool }>> {
  const hashes = locked.packages[0]?.hashes ?? [];
  const wheel = findCarried(carried, 'uv', hashes);
  if (!wheel.ok) return wheel;
  await unpackZip(wheel.path, join(dir, 'wheel'));
  const program = await findFile(join(dir, 'wheel'), '.data/scripts/uv');
  if (program === undefined) return refuse('SP4003', 'the bundled wheel of uv contains no program');
  await chmod(program, 0o755);
  return { ok: true, built: { executable: relative(dir, program), mounts: [], env: {}, host: {} } };
}

async function fetchUv(
  locked: LockedProvider,
  dir: string,
  context: Pick<UvContext, 'env' | 'workspace'> & { readonly run: RunInstaller },
): Promise<Attempt<{ built: BuiltTool }>> {
  const found = await findPython('3.9', context.env, context.workspace);
  if (!found.ok) return found;
  const pip = await findPip(found.python, join(dir, 'pip'), context);
  if (!pip.ok) return pip;
  const requirements = join(dir, 'requirements.txt');
  await writeFile(requirements, requirementsText(locked.packages));
  const result = await context.run(
    found.python.path,
    [
      ...pip.args,
      // --target installs nothing into the system, so Debian's "externally managed" mark does not apply.
      ...['install', '--quiet', '--disable-pip-version-check', '--no-input', '--target', join(dir, 'uv')],
      ...['--require-hashes', '--no-deps', '--only-binary', ':all:', '--requirement', requirements],
    ],
    { cwd: dir, env: context.env, timeoutMs: TIMEOUT_MS },
  );
  if (result.code !== 0) {
    return refuse(HASH_MISMATCH.test(result.stderr) ? 'SP4004' : 'SP4003', `pip: ${tailOf(result)}`);
  }
  await rm(requirements);
  await rm(join(dir, 'pip'), { recursive: true, force: true });
  return { ok: true, built: { executable: join('uv', 'bin', 'uv'), mounts: [], env: {}, host: {} } };
}

/**
 * Some pip, as arguments for the interpreter: its own, else that of a scratch virtual environment, else the wheel in a Debian
 * package, fetched without root and checked by apt's signatures. A bare Debian has none of the first two.
 */
export async function findPip(
  python: Interpreter,
  scratch: string,
  context: Pick<UvContext, 'env' | 'workspace'> & { readonly run: RunInstaller },
): Promise<Attempt<{ args: readonly string[] }>> {
  const options = { cwd: '/', env: context.env, timeoutMs: TIMEOUT_MS };
  const own = await context.run(python.path, ['-I', '-m', 'pip', '--version'], options);
  if (own.code === 0) return { ok: true, args: ['-I', '-m', 'pip'] };

  await mkdir(scratch, { recursive: true });
  // Debian switches ensurepip off outside virtual environments.
  const venv = join(scratch, 'venv');
  const made = await context.run(python.path, ['-I', '-m', 'venv', venv], options);
  const unpacked = made.code === 0 ? await findFile(venv, '/pip/__main__.py') : undefined;
  if (unpacked) return { ok: true, args: [dirname(unpacked)] };

  const apt = findProgram('apt-get', context.env.PATH ?? '', context.workspace);
  const dpkg = findProgram('dpkg-deb', context.env.PATH ?? '', context.workspace);
  if (apt.found === 'yes' && dpkg.found === 'yes') {
    const inScratch = { ...options, cwd: scratch };
    const got = await context.run(apt.path, ['download', '-q', 'python3-pip-whl'], inScratch);
    const deb = (await readdir(scratch)).find((name) => name.endsWith('.deb'));
    if (got.code === 0 && deb) {
      await context.run(dpkg.path, ['-x', join(scratch, deb), join(scratch, 'deb')], inScratch);
      const wheel = await findFile(join(scratch, 'deb'), '.whl');
      // A wheel is a zip that Python imports from: pip starts out of it.
      if (wheel) return { ok: true, args: [join(wheel, 'pip')] };
    }
  }
  return refuse(
    'SP4006',
    'uv is not on PATH, and Python has neither pip nor ensurepip to download it',
    'Install uv, or on Debian `apt-get install python3-venv`, or refresh the package lists with `apt-get update`.',
  );
}

async function findFile(folder: string, suffix: string): Promise<string | undefined> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const found = names.find((name) => name.endsWith(suffix));
  return found === undefined ? undefined : join(folder, found);
}
