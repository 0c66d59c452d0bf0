import { cp } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { findProgram } from '../find-program.ts';
import { INSTALL_TIMEOUT_MS, type InstallContext } from '../installers/context.ts';
import { type Attempt, refuse } from '../problem.ts';
import { runProgram, tailOf } from '../run-program.ts';

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
    GOFLAGS: '-mod=mod -modcacherw',
    GOWORK: 'off',
    CGO_ENABLED: '0',
    GOMODCACHE: modules,
    GOBIN: join(dir, 'bin'),
  };
  const result = await runProgram(go.path, ['install', '-n', `${locked.package}@${locked.version}`], {
    cwd: dir,
    env,
    timeoutMs: INSTALL_TIMEOUT_MS,
    ...(context.signal ? { signal: context.signal } : {}),
  });
  if (result.code !== 0) return refuse('SP4003', `go install -n: ${tailOf(result)}`);
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
