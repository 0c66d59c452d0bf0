import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type ProgramOptions, tailOf } from '../../io/run-program.ts';
import type { LockedProvider } from '../../lock/lock-types.ts';
import type { RunInstaller } from '../house/installer-house.ts';
import { findPython, type Interpreter } from '../programs/python.ts';
import type { Carried } from '../shared/carried.ts';
import { HASH_MISMATCH } from '../shared/hash-mismatch.ts';
import { type Attempt, refuse } from '../shared/problem.ts';
import { requirementsText } from '../shared/requirements-text.ts';
import type { BuiltTool } from '../shared/store.ts';
import { type BuiltSources, buildSources } from './build-sources.ts';
import { INSTALL_TIMEOUT_MS, type InstallContext } from './context.ts';

/** The programs that an environment is made with. */
interface PypiRun {
  readonly python: Interpreter;
  /** uv's own path. */
  readonly uv: string;
  readonly options: ProgramOptions;
  readonly run: RunInstaller;
}

/** The file that uv reads the packages and their hashes from; it goes when they are installed. */
const REQUIREMENTS = 'requirements.txt';

/** For every uv command: nothing on standard error but what went wrong, and no Python but the one that was found. */
const UV_FLAGS = ['--quiet', '--no-progress', '--no-python-downloads'];

/**
 * A virtual environment of exactly the locked wheels. A source distribution is built only where the lock says so of it, in a
 * sandbox: that runs its code.
 */
export async function installPypi(context: InstallContext): Promise<Attempt<{ built: BuiltTool }>> {
  const { locked, dir, finalDir, env, carried } = context;
  const strange = carried === undefined ? undefined : strangeFile(carried, locked);
  if (strange !== undefined)
    return refuse('SP4004', `the bundle contains ${strange}, which the lock does not pin`);
  const found = await findPython(locked.platform?.python ?? '3.11', env, context.workspace);
  if (!found.ok) return found;
  const uv = await context.uv();
  if (!uv.ok) return uv;
  const { python } = found;
  const options = { cwd: dir, env, timeoutMs: INSTALL_TIMEOUT_MS, ...signalOf(context) };

  const building = join(dir, 'building');
  const built = await buildSources(
    locked.packages.filter(({ source }) => source === true),
    {
      python,
      backends: locked.backends ?? [],
      ...{ options, uv: uv.path, dir: building },
      ...{ run: context.run, build: context.build },
    },
  );
  if (!built.ok) return built;
  const installed = await installWheels(
    { python, uv: uv.path, options, run: context.run },
    context,
    built.sources,
  );
  if (!installed.ok) return installed;
  await rm(building, { recursive: true, force: true });
  await compileModules(context, options);
  await repointScripts(join(dir, 'bin'), dir, finalDir);
  await rm(join(dir, REQUIREMENTS));
  return { ok: true, built: builtTool(context.bin, python, built.sources) };
}

/** Makes the environment and installs the locked wheels, and those that were built here, into it. */
async function installWheels(
  { python, uv, options, run }: PypiRun,
  { locked, dir, carried }: InstallContext,
  { packages: made, wheels }: BuiltSources,
): Promise<Attempt<object>> {
  const requirements = join(dir, REQUIREMENTS);
  await writeFile(
    requirements,
    requirementsText([...locked.packages.filter(({ source }) => source !== true), ...made]),
  );
  const venv = await run(
    uv,
    ['venv', ...UV_FLAGS, '--allow-existing', '--python', python.path, dir],
    options,
  );
  if (venv.code !== 0) return refuse('SP4003', `uv venv: ${tailOf(venv)}`);
  const install = await run(
    uv,
    // Copies, never hard links: the store must not change when uv's cache does.
    [
      ...['pip', 'install', ...UV_FLAGS, '--link-mode', 'copy', '--python', join(dir, 'bin', 'python')],
      ...['--require-hashes', '--no-deps', '--only-binary', ':all:', '--requirements', requirements],
      ...(made.length === 0 ? [] : ['--find-links', wheels]),
      ...(carried === undefined ? [] : ['--offline', '--no-index', '--find-links', carried.dir]),
    ],
    options,
  );
  if (install.code === 0) return { ok: true };
  const text = `uv pip install: ${tailOf(install)}`;
  return refuse(HASH_MISMATCH.test(install.stderr) ? 'SP4004' : 'SP4003', text);
}

/**
 * Scanners start from a read-only tree, so what Python would compile on first use is compiled now. Files that are not
 * meant for this Python fail to compile, which says nothing about the tool.
 */
async function compileModules(
  { dir, finalDir, run }: InstallContext,
  options: ProgramOptions,
): Promise<void> {
  // -S: modules that a package would have loaded at every start are not loaded.
  // -f: Python's own start-up has compiled a file of the environment already, under the folder's temporary name.
  await run(
    join(dir, 'bin', 'python'),
    [
      ...['-I', '-S', '-m', 'compileall', '-f', '-qq', '-j', '0', '--invalidation-mode', 'unchecked-hash'],
      ...['-s', dir, '-p', finalDir, join(dir, 'lib')],
    ],
    options,
  );
}

function builtTool(bin: string, python: Interpreter, { packages: made }: BuiltSources): BuiltTool {
  return {
    executable: join('bin', bin),
    // Everything under /usr is in every sandbox.
    mounts: python.prefix === '/usr' ? [] : [python.prefix],
    env: { PYTHONDONTWRITEBYTECODE: '1', PYTHONNOUSERSITE: '1' },
    host: {
      python: python.version,
      interpreter: python.path,
      // What came out of the compiler here may differ from what does elsewhere.
      ...Object.fromEntries(made.map(({ name, hashes }) => [`built ${name}`, hashes[0] ?? ''])),
    },
  };
}

/** The name of a carried file with none of the locked hashes. uv would report the same, but for its cache too. */
export function strangeFile(carried: Carried, locked: LockedProvider): string | undefined {
  const known = new Set(locked.packages.flatMap((item) => item.hashes));
  const strange = carried.files.find((file) => !file.hashes.some((hash) => known.has(hash)));
  return strange === undefined ? undefined : basename(strange.path);
}

/** Scripts name their interpreter by absolute path: from the folder they were built in to the one they will be in. */
async function repointScripts(bin: string, from: string, to: string): Promise<void> {
  for (const item of await readdir(bin, { withFileTypes: true })) {
    if (!item.isFile()) continue;
    const path = join(bin, item.name);
    const bytes = await readFile(path);
    if (bytes.includes(0) || !bytes.includes(from)) continue;
    await writeFile(path, bytes.toString('utf8').replaceAll(from, to));
  }
}

function signalOf(context: InstallContext): { signal?: AbortSignal } {
  return context.signal ? { signal: context.signal } : {};
}
