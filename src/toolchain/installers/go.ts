import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ProgramOptions, tailOf } from '../../io/run-program.ts';
import type { LockedPackage } from '../../lock/lock-types.ts';
import type { RunInstaller } from '../house/installer-house.ts';
import { type Attempt, refuse } from '../shared/problem.ts';
import type { BuiltTool } from '../shared/store.ts';
import { INSTALL_TIMEOUT_MS, type InstallContext } from './context.ts';
import { type OpenedModule, openModule } from './go-module.ts';

const GOFLAGS = '-trimpath -buildvcs=false';

interface Downloaded {
  readonly Sum?: string;
  readonly Dir?: string;
  readonly Error?: string;
}

/** How Go is started for one installation. */
interface GoRun {
  /** Go's own path. */
  readonly path: string;
  readonly options: ProgramOptions;
  readonly run: RunInstaller;
}

/**
 * Builds a Go program from the pinned module. The lock's h1 covers the module's go.sum, and every dependency that the
 * linker put into the binary must stand there with its hash: so one locked hash pins the whole build, whatever the
 * machine's checksum database settings are. With `fromModule` the module is the main one: its `replace` lines hold.
 */
export async function installGo(context: InstallContext): Promise<Attempt<{ built: BuiltTool }>> {
  const { locked, dir } = context;
  const [pinned] = locked.packages;
  if (!pinned) return refuse('SP4001', 'the lock file names no module');
  const found = await context.go();
  if (!found.ok) return found;
  const modules = join(dir, '.modules');
  const go = { path: found.path, options: goOptions(context, modules), run: context.run };
  const module = await downloadModule(go, pinned);
  if (!module.ok) return module;
  const source = locked.fromModule ? await openModule(locked, pinned, module.dir, dir) : undefined;
  if (source?.ok === false) return source;
  const build = await buildProgram(go, context, source);
  if (!build.ok) return build;
  const sums = await readFile(join(source?.dir ?? module.dir, 'go.sum'), 'utf8').catch(() => '');
  const strange = unlistedDependencies(build.info, sums);
  if (strange.length > 0) {
    return refuse(
      'SP4004',
      `built with modules that ${pinned.name}'s go.sum does not list: ${strange.join(', ')}`,
    );
  }
  const kept = await source?.finish(join(dir, 'bin'));
  if (kept?.ok === false) return kept;
  await rm(modules, { recursive: true, force: true });
  const toolchain = /: (go\S+)/.exec(build.info.split('\n')[0] ?? '')?.[1] ?? 'unknown';
  const executable = join('bin', context.bin);
  return { ok: true, built: { executable, mounts: [], env: {}, host: { go: toolchain } } };
}

/** `modules` is the module cache where downloads were carried in; otherwise Go uses the user's. */
function goOptions({ locked, dir, carried, ...context }: InstallContext, modules: string): ProgramOptions {
  const flags = `-mod=${locked.fromModule ? 'readonly' : 'mod'} ${GOFLAGS}`;
  return {
    cwd: dir,
    env: {
      ...context.env,
      GOFLAGS: carried === undefined ? flags : `${flags} -modcacherw`,
      GOWORK: 'off',
      CGO_ENABLED: '0',
      GOBIN: join(dir, 'bin'),
      ...(carried === undefined ? {} : carriedEnv(carried.dir, modules)),
    },
    timeoutMs: INSTALL_TIMEOUT_MS,
    ...(context.signal ? { signal: context.signal } : {}),
  };
}

/** Puts a module into Go's cache and holds it to the locked hashes. Gives the folder of its files. */
async function downloadModule(
  { path, options, run }: GoRun,
  locked: LockedPackage,
): Promise<Attempt<{ dir: string }>> {
  const id = `${locked.name}@${locked.version}`;
  const download = await run(path, ['mod', 'download', '-json', id], options);
  const facts = parse(download.stdout);
  if (download.code !== 0 || !facts?.Sum || !facts.Dir) {
    const text = facts?.Error ?? tailOf(download);
    return refuse(/checksum mismatch/.test(text) ? 'SP4004' : 'SP4003', `go mod download: ${text}`);
  }
  if (!locked.hashes.includes(facts.Sum)) {
    return refuse('SP4004', `${id} is ${facts.Sum}, locked is ${locked.hashes.join(', ')}`);
  }
  return { ok: true, dir: facts.Dir };
}

/** Builds from an opened module, else by the package's name. Gives what `go version -m` says of the program. */
async function buildProgram(
  { path, options, run }: GoRun,
  { locked, dir, bin }: InstallContext,
  source: OpenedModule | undefined,
): Promise<Attempt<{ info: string }>> {
  const program = join(dir, 'bin', bin);
  const build =
    source === undefined
      ? await run(path, ['install', `${locked.package}@${locked.version}`], options)
      : await run(path, ['build', '-o', program, source.command], { ...options, cwd: source.dir });
  const verb = source === undefined ? 'go install' : 'go build';
  if (build.code !== 0) {
    const text = tailOf(build);
    return refuse(/checksum mismatch/.test(build.stderr) ? 'SP4004' : 'SP4003', `${verb}: ${text}`);
  }
  const info = await run(path, ['version', '-m', program], options);
  if (info.code !== 0) return refuse('SP4003', `${verb} left no ${bin}: ${tailOf(info)}`);
  return { ok: true, info: info.stdout };
}

/**
 * Go with nothing but a carried proxy: no checksum database, as that is asked over the network, and no other toolchain,
 * as that would be a program which nothing here has checked. What the module and its dependencies are is checked by the
 * lock's hash and the module's go.sum; its own cache, so that no earlier download stands in for what was carried.
 */
function carriedEnv(proxy: string, modules: string): Record<string, string> {
  return {
    GOENV: 'off',
    GOPROXY: pathToFileURL(proxy).href,
    GONOPROXY: 'none',
    GOSUMDB: 'off',
    GOTOOLCHAIN: 'local',
    GOMODCACHE: modules,
  };
}

/** Dependencies in `go version -m`'s output that a go.sum does not list with the same hash. */
export function unlistedDependencies(buildInfo: string, goSum: string): string[] {
  const known = new Set(goSum.split('\n').map((line) => line.trim()));
  return buildInfo
    .split('\n')
    .map((line) => line.trim().split('\t'))
    .filter(([mark]) => mark === 'dep' || mark === '=>')
    .filter(([, path, version, sum]) => sum !== undefined && !known.has(`${path} ${version} ${sum}`))
    .map(([, path, version]) => `${path}@${version}`);
}

function parse(text: string): Downloaded | undefined {
  try {
    return JSON.parse(text) as Downloaded;
  } catch {
    return undefined;
  }
}
