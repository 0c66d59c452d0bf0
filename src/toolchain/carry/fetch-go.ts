import { cp } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { type ProgramOptions, tailOf } from '../../io/run-program.ts';
import type { RunInstaller } from '../house/installer-house.ts';
import { INSTALL_TIMEOUT_MS, type InstallContext } from '../installers/context.ts';
import { openModule } from '../installers/go-module.ts';
import { findProgram } from '../programs/find-program.ts';
import { type Attempt, refuse } from '../shared/problem.ts';

/** What a file tree needs to serve as a module proxy; Go's locks and its own notes of hashes are not part of that. */
const SERVED = /^(list|.+\.(info|mod|zip))$/;
const LEFT_OUT = /^(sumdb|golang\.org\/toolchain)(\/|$)/;

/** The modules that a build of the locked program takes, as a folder that Go can use as its proxy. Nothing is built. */
export async function fetchGo(context: InstallContext, folder: string): Promise<Attempt<object>> {
  const { locked, dir } = context;
  const go = findProgram('go', context.env.PATH ?? '', context.workspace);
  if (go.found !== 'yes') return refuse('SP4006', 'go is not on PATH', 'Install Go.');
  const modules = join(dir, 'mod');
  const env = {
    ...context.env,
    // -n: packages are looked up, and so fetched, but nothing is compiled. Writable, so that it can be removed.
    GOFLAGS: `-mod=${locked.fromModule ? 'readonly' : 'mod'} -modcacherw`,
    GOWORK: 'off',
    CGO_ENABLED: '0',
    GOMODCACHE: modules,
    GOBIN: join(dir, 'bin'),
  };
  const options = {
    cwd: dir,
    env,
    timeoutMs: INSTALL_TIMEOUT_MS,
    ...(context.signal ? { signal: context.signal } : {}),
  };
  const looked = locked.fromModule
    ? await lookInModule(go.path, context, options)
    : await lookUp(context.run, go.path, ['install', '-n', `${locked.package}@${locked.version}`], options);
  if (!looked.ok) return looked;
  const served = join(modules, 'cache', 'download');
  await cp(served, folder, {
    recursive: true,
    filter: (path) => {
      const name = relative(served, path);
      if (LEFT_OUT.test(name)) return false;
      // Module folders have no suffix of these; a version's files lie in `@v`.
      return !name.includes('/@v/') || SERVED.test(basename(name));
    },
  });
  return { ok: true };
}

async function lookInModule(
  go: string,
  { locked, dir, run }: InstallContext,
  options: ProgramOptions,
): Promise<Attempt<object>> {
  const [module] = locked.packages;
  if (!module) return refuse('SP4001', 'the lock file names no module');
  const args = ['mod', 'download', '-json', `${module.name}@${module.version}`];
  const download = await run(go, args, options);
  const found = download.code === 0 ? (JSON.parse(download.stdout) as { readonly Dir: string }) : undefined;
  if (found === undefined) return refuse('SP4003', `go mod download: ${tailOf(download)}`);
  const source = await openModule(locked, module, found.Dir, dir);
  if (!source.ok) return source;
  return await lookUp(run, go, ['build', '-n', '-o', join(dir, 'bin', 'x'), source.command], {
    ...options,
    cwd: source.dir,
  });
}

async function lookUp(
  run: RunInstaller,
  go: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<Attempt<object>> {
  const result = await run(go, args, options);
  return result.code === 0
    ? { ok: true }
    : refuse('SP4003', `go ${args.slice(0, 2).join(' ')}: ${tailOf(result)}`);
}
