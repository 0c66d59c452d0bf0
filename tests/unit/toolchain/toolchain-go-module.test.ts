import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/io/run-program.ts';
import { emptyLock, sealEntry } from '../../../src/lock/lock.ts';
import type { Provider } from '../../../src/stages/contract/provider.ts';
import { fetchGo } from '../../../src/toolchain/carry/fetch-go.ts';
import type { InstallContext } from '../../../src/toolchain/installers/context.ts';
import { installGo } from '../../../src/toolchain/installers/go.ts';
import { lockTool } from '../../../src/toolchain/lock-tools.ts';
import type { Carried } from '../../../src/toolchain/shared/carried.ts';
import { openStore } from '../../../src/toolchain/shared/store.ts';
import { goProxy, h1, sumLines, VERSION } from '../../support/go-proxy.ts';

const goFolder = ['/usr/local/go/bin', '/usr/bin'].find((folder) => existsSync(join(folder, 'go')));
if (goFolder === undefined) console.warn('SKIPPED: building Go programs in their module: no go here');
const root = mkdtempSync(join(tmpdir(), 'secplan-go-module-'));
afterAll(() => {
  // Go's cache is read-only.
  execFileSync('chmod', ['-R', 'u+w', root]);
  rmSync(root, { recursive: true, force: true });
});
let counter = 0;
function fresh(): string {
  const folder = join(root, String(counter++));
  mkdirSync(folder);
  return folder;
}

const [MODULE, LIB, FORK] = ['example.org/team/demo', 'example.org/lib', 'example.org/fork'];
const says = (word: string) => `package lib\n\nfunc Word() string { return "${word}" }\n`;
const lib = { 'go.mod': `module ${LIB}\n\ngo 1.18\n`, 'lib.go': says('lib') };
const fork = { 'go.mod': `module ${LIB}\n\ngo 1.18\n`, 'lib.go': says('fork') };
const demo = {
  'go.mod': `module ${MODULE}\n\ngo 1.18\n\nrequire ${LIB} ${VERSION}\n\nreplace ${LIB} => ${FORK} ${VERSION}\n`,
  'go.sum': sumLines(FORK, fork),
  'cmd/show/main.go': `package main\n\nimport "${LIB}"\n\nfunc main() { print(lib.Word()) }\n`,
  'assets/queries/a.rego': 'package a\n',
  'assets/other.txt': 'x\n',
};
const modules = { [MODULE]: demo, [LIB]: lib, [FORK]: fork };

interface Over {
  readonly files?: Readonly<Record<string, string>>;
  readonly served?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly keep?: readonly string[];
  readonly fromModule?: false;
  readonly carried?: Carried;
}

function context({ files = demo, served = modules, keep, fromModule, carried }: Over = {}): InstallContext {
  const dir = fresh();
  const env = {
    PATH: `${goFolder}:/usr/bin:/bin`,
    HOME: process.env.HOME ?? root,
    GOPROXY: goProxy(fresh(), { ...served, [MODULE]: files }),
    GOSUMDB: 'off',
    GOMODCACHE: fresh(),
    GOTOOLCHAIN: 'local',
  };
  const locked = sealEntry({
    kind: 'go',
    package: `${MODULE}/cmd/show`,
    version: VERSION,
    packages: [{ name: MODULE, version: VERSION, hashes: [h1(MODULE, files)] }],
    ...(fromModule === false ? {} : { fromModule: true }),
    ...(keep ? { keep } : {}),
  });
  return {
    ...{ locked, bin: 'demo', dir, finalDir: dir, env, workspace: null },
    ...(carried ? { carried } : {}),
    run: runProgram,
    uv: () => Promise.reject(new Error('no uv is needed')),
    go: () => Promise.resolve({ ok: true, path: join(goFolder ?? '', 'go') }),
  };
}

/** What the program prints; `print` writes to standard error. */
function output({ dir }: InstallContext): string {
  return execFileSync('/bin/sh', ['-c', '"$0" 2>&1', join(dir, 'bin/demo')], { encoding: 'utf8' });
}

describe.runIf(goFolder !== undefined)('a Go program built in its own module', { timeout: 120_000 }, () => {
  it('is built with what its module replaces, and keeps the folders that the lock names', async () => {
    const given = context({ keep: ['assets/queries'] });
    const done = await installGo(given);
    expect(done, JSON.stringify(done)).toMatchObject({ ok: true, built: { executable: 'bin/demo' } });
    expect(output(given)).toBe('fork');
    expect(readdirSync(given.dir, { recursive: true }).sort()).toEqual([
      ...['bin', 'bin/assets', 'bin/assets/queries', 'bin/assets/queries/a.rego', 'bin/demo'],
    ]);
  });

  it('could not be built without: go install refuses it', async () => {
    const done = await installGo(context({ fromModule: false }));
    expect(done).toMatchObject({ ok: false, problem: { code: 'SP4003' } });
    expect(JSON.stringify(done)).toContain('replace');
  });

  it('is refused when a file of it was changed in the cache, where Go itself sees nothing', async () => {
    const given = context({ keep: ['assets/queries'] });
    const go = join(goFolder ?? '', 'go');
    const cached = JSON.parse(
      execFileSync(go, ['mod', 'download', '-json', `${MODULE}@${VERSION}`], {
        env: given.env,
        encoding: 'utf8',
      }),
    ) as { Dir: string; Sum: string };
    for (const file of ['cmd/show/main.go', 'assets/queries/a.rego']) {
      const path = join(cached.Dir, file);
      const before = readFileSync(path, 'utf8');
      chmodSync(path, 0o644);
      writeFileSync(path, `${before}// evil\n`);
      const done = await installGo({ ...given, dir: fresh() });
      expect(done, file).toMatchObject({ ok: false, problem: { code: 'SP4004' } });
      writeFileSync(path, before);
    }
    chmodSync(cached.Dir, 0o755);
    writeFileSync(join(cached.Dir, 'more.go'), 'package demo\n');
    expect(await installGo({ ...given, dir: fresh() })).toMatchObject({
      ok: false,
      problem: { code: 'SP4004' },
    });
    rmSync(join(cached.Dir, 'more.go'));
    expect(await installGo({ ...given, dir: fresh() })).toMatchObject({ ok: true });
  });

  it('is refused when the proxy serves another module, or other replacements than go.sum lists', async () => {
    const given = context({ served: modules });
    const other = { ...demo, 'assets/other.txt': 'y\n' };
    const swapped = { ...given, env: context({ files: other }).env };
    expect(await installGo(swapped)).toMatchObject({ ok: false, problem: { code: 'SP4004' } });
    const evil = { ...fork, 'lib.go': says('evil') };
    const replaced = await installGo(context({ served: { ...modules, [FORK]: evil } }));
    expect(replaced).toMatchObject({ ok: false, problem: { code: 'SP4004' } });
    const unlisted = await installGo(context({ files: { ...demo, 'go.sum': '' } }));
    expect(unlisted).toMatchObject({ ok: false, problem: { code: 'SP4003' } });
  });

  it('is refused when it lacks a folder that is to be kept', async () => {
    const done = await installGo(context({ keep: ['assets/none'] }));
    expect(done).toMatchObject({ ok: false, problem: { detail: 'the module has no folder assets/none' } });
    const clash = await installGo(context({ files: { ...demo, 'demo/x': '' }, keep: ['demo'] }));
    expect(clash).toMatchObject({ ok: false, problem: { code: 'SP4001' } });
  });

  it('is built out of what was carried, with nothing to fetch from', async () => {
    const [online, folder] = [context({ keep: ['assets'] }), fresh()];
    expect(await fetchGo(online, folder)).toEqual({ ok: true });
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    expect(files).not.toContain(`${LIB}/@v/${VERSION}.zip`);
    const offline = context({ keep: ['assets'], served: {}, carried: { dir: folder } as Carried });
    const env = { ...offline.env, GOPROXY: 'off' };
    const done = await installGo({ ...offline, env });
    expect(done, JSON.stringify(done)).toMatchObject({ ok: true });
    expect(output(offline)).toBe('fork');
    expect(existsSync(join(offline.dir, 'bin/assets/other.txt'))).toBe(true);
  });

  it('is locked with how it is built', async () => {
    const { env } = context();
    const provider: Provider = {
      ...{ name: 'go', runtime: 'local', kind: 'go', package: `${MODULE}/cmd/show`, bin: 'demo' },
      ...{ fromModule: true, keep: ['assets/queries'] },
    };
    const options = { store: openStore(fresh()), lock: emptyLock(), workspace: null, env };
    const outcome = await lockTool('demo', provider, undefined, options);
    expect(outcome.ok && outcome.value).toMatchObject({
      ...{ package: `${MODULE}/cmd/show`, version: VERSION, fromModule: true, keep: ['assets/queries'] },
      packages: [{ name: MODULE, hashes: [h1(MODULE, demo)] }],
    });
  });
});
