import { chmod, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram, tailOf } from '../../io/run-program.ts';
import type { LockedProvider, ToolsLock } from '../../lock/lock-types.ts';
import type { InHouse } from '../house/in-house.ts';
import type { RunInstaller } from '../house/installer-house.ts';
import { type Attempt, refuse } from '../shared/problem.ts';
import type { BuiltTool, Store } from '../shared/store.ts';
import { findProgram } from './find-program.ts';
import { storedInstaller } from './stored-installer.ts';

const TIMEOUT_MS = 10 * 60 * 1000;
/** From this minor version on Go fetches a newer toolchain by itself where a module asks for one. */
const SWITCHES_FROM = 21;

interface GoContext {
  readonly store: Store;
  readonly lock: ToolsLock;
  readonly env: Readonly<Record<string, string>>;
  readonly workspace: string | null;
  readonly offline: boolean;
  readonly inHouse: InHouse;
}

/**
 * go from PATH where it is 1.21 or newer. An older one (Debian 12 has 1.19) only fetches the Go project's own
 * toolchain module that the lock pins, checked by its h1, into the store.
 */
export async function findGo(context: GoContext): Promise<Attempt<{ path: string }>> {
  const onPath = findProgram('go', context.env.PATH ?? '', context.workspace);
  if (onPath.found !== 'yes')
    return refuse('SP4006', 'it is built from source and go is not on PATH', 'Install Go.');
  const { path } = onPath;
  const version = await runProgram(path, ['version'], { cwd: '/', env: context.env, timeoutMs: TIMEOUT_MS });
  const minor = Number(/go1\.(\d+)/.exec(version.stdout)?.[1] ?? Number.NaN);
  if (minor >= SWITCHES_FROM) return { ok: true, path };
  const locked = context.lock.installers?.go;
  const wanted = locked?.packages.find((item) => item.version.endsWith(`.${machine()}`));
  if (locked === undefined || wanted === undefined) {
    return refuse('SP4006', `go is too old: ${version.stdout.trim()}`, 'Install Go 1.21 or newer.');
  }
  const ref = { tool: 'go', provider: locked.kind, version: locked.version, digest: locked.digest };
  return storedInstaller(context.store, ref, {
    name: 'Go',
    offline: context.offline,
    build: (dir) =>
      context.inHouse({ kind: 'go', written: [dir] }, (run) =>
        fetchToolchain(path, wanted, dir, { ...context, run }),
      ),
  });
}

async function fetchToolchain(
  go: string,
  wanted: LockedProvider['packages'][number],
  dir: string,
  context: Pick<GoContext, 'env'> & { readonly run: RunInstaller },
): Promise<Attempt<{ built: BuiltTool }>> {
  const modules = join(dir, '.modules');
  const env = { ...context.env, GOMODCACHE: modules, GOFLAGS: '-modcacherw', GOWORK: 'off' };
  const args = ['mod', 'download', '-json', `${wanted.name}@${wanted.version}`];
  const download = await context.run(go, args, { cwd: dir, env, timeoutMs: TIMEOUT_MS });
  let facts: { readonly Sum?: string; readonly Dir?: string } = {};
  try {
    facts = JSON.parse(download.stdout) as typeof facts;
  } catch {
    // No JSON: the exit code or the missing members say it.
  }
  if (download.code !== 0 || facts.Sum === undefined || facts.Dir === undefined) {
    return refuse('SP4003', `go mod download of the toolchain: ${tailOf(download)}`);
  }
  if (!wanted.hashes.includes(facts.Sum)) {
    return refuse(
      'SP4004',
      `${wanted.name}@${wanted.version} is ${facts.Sum}, locked is ${wanted.hashes.join(', ')}`,
    );
  }
  await rename(facts.Dir, join(dir, 'go'));
  await rm(modules, { recursive: true, force: true });
  // A module's zip keeps no modes.
  for (const folder of ['bin', `pkg/tool/${machine().replace('-', '_')}`]) {
    const programs = join(dir, 'go', folder);
    for (const name of await readdir(programs)) await chmod(join(programs, name), 0o755);
  }
  return { ok: true, built: { executable: 'go/bin/go', mounts: [], env: {}, host: {} } };
}

/** As Go names this machine, for example `linux-amd64`. */
function machine(): string {
  const processors: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
  return `${process.platform}-${processors[process.arch] ?? process.arch}`;
}
