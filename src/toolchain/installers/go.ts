import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runProgram, tailOf } from '../../io/run-program.ts';
import { type Attempt, refuse } from '../shared/problem.ts';
import type { BuiltTool } from '../shared/store.ts';
import { INSTALL_TIMEOUT_MS, type InstallContext } from './context.ts';
import { openModule } from './go-module.ts';

const GOFLAGS = '-trimpath -buildvcs=false';

interface Downloaded {
  readonly Sum?: string;
  readonly Dir?: string;
  readonly Error?: string;
}

/**
 * Builds a Go program from the pinned module. The lock's h1 covers the module's go.sum, and every dependency that the
 * linker put into the binary must stand there with its hash: so one locked hash pins the whole build, whatever the
 * machine's checksum database settings are. With `fromModule` the module is the main one: its `replace` lines hold.
 */
export async function installGo(context: InstallContext): Promise<Attempt<{ built: BuiltTool }>> {
  const { locked, dir } = context;
  const [module] = locked.packages;
  if (!module) return refuse('SP4001', 'the lock file names no module');
  const go = await context.go();
  if (!go.ok) return go;
  const modules = join(dir, '.modules');
  const env = {
    ...context.env,
    GOFLAGS: `-mod=${locked.fromModule ? 'readonly' : 'mod'} ${GOFLAGS}`,
    GOWORK: 'off',
    CGO_ENABLED: '0',
    GOBIN: join(dir, 'bin'),
  };
  if (context.carried !== undefined) {
    Object.assign(env, carriedEnv(context.carried.dir, modules), { GOFLAGS: `${env.GOFLAGS} -modcacherw` });
  }
  const options = {
    cwd: dir,
    env,
    timeoutMs: INSTALL_TIMEOUT_MS,
    ...(context.signal ? { signal: context.signal } : {}),
  };
  const download = await runProgram(
    go.path,
    ['mod', 'download', '-json', `${module.name}@${module.version}`],
    options,
  );
  const facts = parse(download.stdout);
  if (download.code !== 0 || !facts?.Sum || !facts.Dir) {
    const text = facts?.Error ?? tailOf(download);
    return refuse(/checksum mismatch/.test(text) ? 'SP4004' : 'SP4003', `go mod download: ${text}`);
  }
  if (!module.hashes.includes(facts.Sum)) {
    return refuse(
      'SP4004',
      `${module.name}@${module.version} is ${facts.Sum}, locked is ${module.hashes.join(', ')}`,
    );
  }
  const executable = join('bin', context.bin);
  const source = locked.fromModule ? await openModule(locked, module, facts.Dir, dir) : undefined;
  if (source?.ok === false) return source;
  const build =
    source === undefined
      ? await runProgram(go.path, ['install', `${locked.package}@${locked.version}`], options)
      : await runProgram(go.path, ['build', '-o', join(dir, executable), source.command], {
          ...options,
          cwd: source.dir,
        });
  const verb = source === undefined ? 'go install' : 'go build';
  if (build.code !== 0) {
    const text = tailOf(build);
    return refuse(/checksum mismatch/.test(build.stderr) ? 'SP4004' : 'SP4003', `${verb}: ${text}`);
  }
  const info = await runProgram(go.path, ['version', '-m', join(dir, executable)], options);
  if (info.code !== 0) return refuse('SP4003', `${verb} left no ${context.bin}: ${tailOf(info)}`);
  const sums = await readFile(join(source?.dir ?? facts.Dir, 'go.sum'), 'utf8').catch(() => '');
  const strange = unlistedDependencies(info.stdout, sums);
  if (strange.length > 0) {
    return refuse(
      'SP4004',
      `built with modules that ${module.name}'s go.sum does not list: ${strange.join(', ')}`,
    );
  }
  const kept = await source?.finish(join(dir, 'bin'));
  if (kept?.ok === false) return kept;
  await rm(modules, { recursive: true, force: true });
  const toolchain = /: (go\S+)/.exec(info.stdout.split('\n')[0] ?? '')?.[1] ?? 'unknown';
  return { ok: true, built: { executable, mounts: [], env: {}, host: { go: toolchain } } };
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
