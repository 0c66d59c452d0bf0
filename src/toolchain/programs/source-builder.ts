import { readdirSync, realpathSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ProgramOptions, type ProgramResult, tailOf } from '../../io/run-program.ts';
import type { LockedPackage } from '../../lock/lock-types.ts';
import type { BuildRequest, RunBuild, RunInstaller } from '../house/installer-house.ts';
import { type Call, openCallDesk } from '../shared/call-desk.ts';
import { type Attempt, refuse } from '../shared/problem.ts';
import { requirementsText } from '../shared/requirements-text.ts';
import type { Interpreter } from './python.ts';

/** A Python that uv builds source distributions with: all of it runs in a sandbox, while uv itself may fetch. */
export interface SourceBuilder {
  /** For uv's `--python` with `--no-build-isolation`. */
  readonly python: string;
  /** For uv's `--cache-dir`: the one folder whose builds the sandbox lets through. */
  readonly cache: string;
  /** What uv is to be shown beside that. */
  readonly shown: readonly string[];
  close(): Promise<void>;
}

export interface SourceBuilderRequest {
  readonly uv: string;
  readonly python: Interpreter;
  readonly backends: readonly LockedPackage[];
  /** Empty or missing folder; the builder lies in it. */
  readonly dir: string;
  readonly options: ProgramOptions;
  readonly run: RunInstaller;
  readonly build: RunBuild | undefined;
}

/**
 * A virtual environment with the pinned back ends whose `python` asks secplan to start the real one, in a sandbox without a
 * network. uv fetches and checks, with the user's registries and settings; what a package brings along to build itself has no network
 * and no variable, and writes to its own unpacked sources and uv's folder for the result. SP4006 without a sandbox that works.
 */
export async function openSourceBuilder(
  request: SourceBuilderRequest,
): Promise<Attempt<{ builder: SourceBuilder }>> {
  const { uv, backends, dir, options, run, build } = request;
  if (build === undefined)
    return refuse('SP4006', `${NEEDS} that works, and secplan may not run without it`, FIX);
  const [venv, cache] = [join(dir, 'venv'), join(dir, 'cache')];
  await mkdir(cache, { recursive: true });
  const quiet = ['--quiet', '--no-config', '--no-progress'];
  const base = ['--no-python-downloads', '--python', request.python.path, venv];
  const made = await run(uv, ['venv', ...quiet, ...base], options);
  if (made.code !== 0) return refuse('SP4003', `uv venv: ${tailOf(made)}`);
  const pinned = join(dir, 'backends.txt');
  await writeFile(pinned, requirementsText(backends));
  const python = join(venv, 'bin', 'python');
  const hashed = ['--require-hashes', '--no-deps', '--only-binary', ':all:', '--requirement', pinned];
  const filled = await run(uv, ['pip', 'install', ...quiet, '--python', python, ...hashed], options);
  if (filled.code !== 0) return refuse('SP4003', `uv pip install of the back ends: ${tailOf(filled)}`);
  const place = { python: request.python, venv, cache, build, ...timesOf(options) };
  const desk = await openCallDesk((call) => startPython(place, call));
  await rm(python);
  await writeFile(python, desk.launcher(request.python.path), { mode: 0o755 });
  await chmod(python, 0o755);
  const probe = await startPython(place, { cwd: venv, args: ['-c', 'import setuptools'] });
  if (probe.code !== 0) {
    await desk.close();
    return refuse('SP4006', `${NEEDS} that works: ${tailOf(probe)}`, FIX);
  }
  return {
    ok: true,
    builder: {
      ...{ python, cache, shown: [desk.folder, request.python.prefix] },
      close: () => desk.close(),
    },
  };
}

const NEEDS = 'building from source needs a sandbox';
const FIX = 'Install bubblewrap, then run `secplan doctor`.';

interface BuildPlace extends Pick<BuildRequest, 'timeoutMs' | 'signal'> {
  readonly python: Interpreter;
  readonly venv: string;
  readonly cache: string;
  readonly build: RunBuild;
}

/** Starts the real Python for uv, which names the folder it stands in: the unpacked sources while it builds. */
function startPython(
  { python, venv, cache, build, ...times }: BuildPlace,
  { cwd, args }: Call,
): Promise<ProgramResult> {
  const inside = join(venv, 'bin', 'python');
  const sources = sourcesIn(cache, cwd);
  return build({
    command: [inside, ...args],
    cwd: sources ?? '/tmp',
    env: {
      PATH: `${join(venv, 'bin')}:/usr/bin:/bin`,
      HOME: '/tmp',
      LANG: 'C.UTF-8',
      // The same bytes wherever it is built by the same compiler.
      SOURCE_DATE_EPOCH: '315532800',
      PYTHONHASHSEED: '0',
      CFLAGS: '-g0',
    },
    shown: [
      ...(python.prefix === '/usr' ? [] : [{ path: python.prefix, at: python.prefix }]),
      { path: venv, at: venv },
      { path: python.path, at: inside },
      { path: cache, at: cache },
    ],
    written: [...(sources === undefined ? [] : [sources]), ...resultsIn(cache)],
    ...times,
  });
}

/** The folder that a build starts in, where it is one of unpacked sources; links resolved. */
function sourcesIn(cache: string, cwd: string): string | undefined {
  try {
    const [at, root] = [realpathSync(cwd), realpathSync(cache)];
    return at.startsWith(`${root}/sdists-`) ? join(cache, at.slice(root.length)) : undefined;
  } catch {
    return undefined;
  }
}

/** Where uv takes results from: `builds-…/.tmp…`, real folders only. */
function resultsIn(cache: string): string[] {
  const folders = (at: string) =>
    readdirSync(at, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders(cache)
    .filter(({ name }) => name.startsWith('builds-'))
    .flatMap(({ name }) =>
      folders(join(cache, name))
        .filter((entry) => entry.name.startsWith('.tmp'))
        .map((entry) => join(cache, name, entry.name)),
    );
}

function timesOf({ timeoutMs, signal }: Pick<ProgramOptions, 'timeoutMs' | 'signal'>) {
  return signal === undefined ? { timeoutMs } : { timeoutMs, signal };
}
