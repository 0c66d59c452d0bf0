import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../../src/core/canonical.ts';
import { unpackTar } from '../../../src/io/archive/tar.ts';
import { type TarMember, writeTar } from '../../../src/io/archive/write-tar.ts';
import { hashFile } from '../../../src/io/hash-file.ts';
import { emptyLock, sealEntry, serializeLock, withEntry } from '../../../src/lock/lock.ts';
import type { LockedProvider } from '../../../src/lock/lock-types.ts';
import { BUNDLE_SCHEMA } from '../../../src/toolchain/carry/bundle-index.ts';
import { openToolBundle } from '../../../src/toolchain/carry/carry-in.ts';
import { carryOut } from '../../../src/toolchain/carry/carry-out.ts';
import { ensureInstalled } from '../../../src/toolchain/ensure-installed.ts';
import { machineKey } from '../../../src/toolchain/installers/release.ts';
import { openStore } from '../../../src/toolchain/shared/store.ts';
import { cliPlace } from '../../support/cli.ts';
import { h1, served } from '../../support/go-proxy.ts';

const root = mkdtempSync(join(tmpdir(), 'secplan-carry-test-'));
afterAll(() => {
  // The store's folders are read-only.
  execFileSync('chmod', ['-R', 'u+w', root]);
  rmSync(root, { recursive: true, force: true });
});
let counter = 0;
function fresh(): string {
  const folder = join(root, String(counter++));
  mkdirSync(folder);
  return folder;
}

function script(folder: string, name: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}

const DEB = 'the bytes of a package\n';
const DEBIAN = sealEntry({
  kind: 'debian',
  package: 'demo',
  version: '1',
  packages: [{ name: 'demo', version: '1', hashes: [`sha256:${sha256Hex(DEB)}`] }],
});

/** A machine whose apt-get hands over the package, and one that has no apt-get. */
function machines(): { online: Record<string, string>; offline: Record<string, string> } {
  const [online, offline] = [fresh(), fresh()];
  script(online, 'apt-get', `printf '%s' '${DEB}' > demo.deb`);
  for (const folder of [online, offline]) {
    script(
      folder,
      'dpkg-deb',
      'mkdir -p "$3/usr/bin"; cp "$2" "$3/usr/bin/bandit"; chmod +x "$3/usr/bin/bandit"',
    );
  }
  return { online: { PATH: `${online}:/usr/bin:/bin` }, offline: { PATH: `${offline}:/usr/bin:/bin` } };
}

async function debianBundle(): Promise<string> {
  const file = join(fresh(), 'tools.tar');
  const out = await carryOut(file, [{ tool: 'bandit', provider: 'pypi', bin: 'bandit', locked: DEBIAN }], {
    lock: emptyLock(),
    env: machines().online,
    workspace: null,
  });
  expect(out).toMatchObject({ ok: true, index: { tools: [{ tool: 'bandit', digest: DEBIAN.digest }] } });
  return file;
}

/** Installs one tool out of a bundle, as the command does; gives the code of what went wrong, and the store. */
async function install(file: string, locked: LockedProvider, env = machines().offline, bin = 'bandit') {
  const store = openStore(join(fresh(), 'store'));
  const opened = await openToolBundle(file);
  if (!opened.ok) return { code: opened.problem.code, detail: opened.problem.detail, store };
  await using bundle = opened.bundle;
  const outcome = await ensureInstalled('bandit', { name: 'pypi', bin }, locked, {
    store,
    lock: emptyLock(),
    offline: true,
    // Scripted installers write elsewhere what they were asked.
    sandboxed: false,
    workspace: null,
    env,
    carried: (...of) => bundle.carried(...of),
  });
  return outcome.ok
    ? { code: 'installed', detail: '', store, entry: outcome.entry }
    : { code: outcome.problem.code, detail: outcome.problem.detail, store };
}

/** A bundle made by hand: any files below any names. */
async function bundleOf(
  locked: LockedProvider,
  files: Record<string, string | { path: string }>,
): Promise<string> {
  const file = join(fresh(), 'hand.tar');
  const tools = [{ tool: 'bandit', provider: 'pypi', version: locked.version, digest: locked.digest }];
  const members = Object.entries(files).map(
    ([name, content]): TarMember => ({
      name: `files/bandit/pypi/${name}`,
      content: typeof content === 'string' ? { text: content } : content,
    }),
  );
  const index = { name: 'bundle.json', content: { text: JSON.stringify({ schema: BUNDLE_SCHEMA, tools }) } };
  await writeTar(file, [index, ...members]);
  return file;
}

function kept(root: string): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
}

describe('writeTar', () => {
  const long = `${'deep/'.repeat(40)}ünï.txt`;
  it('writes what tar programs and unpackTar read, names of any length, the same bytes every time', async () => {
    const big = join(fresh(), 'big');
    writeFileSync(big, Buffer.alloc(1000, 'b'));
    const members: TarMember[] = [
      { name: 'a', content: { text: 'one' } },
      { name: long, content: { text: '' } },
      { name: 'x/big', content: { path: big } },
    ];
    const [one, two] = [join(fresh(), 'a.tar'), join(fresh(), 'b.tar')];
    await writeTar(one, members);
    await writeTar(two, members);
    expect(readFileSync(one).equals(readFileSync(two))).toBe(true);
    for (const unpack of [
      (to: string) => unpackTar(one, to),
      async (to: string) => execFileSync('tar', ['-xf', one, '-C', to]),
    ]) {
      const to = fresh();
      await unpack(to);
      expect(readFileSync(join(to, 'a'), 'utf8')).toBe('one');
      expect(statSync(join(to, long)).size).toBe(0);
      expect(readFileSync(join(to, 'x/big')).equals(readFileSync(big))).toBe(true);
    }
  });
});

describe('a bundle of tools', () => {
  it('installs on a machine that can fetch nothing', async () => {
    const before = readdirSync(tmpdir()).filter((name) => /^secplan-carry-[^t]/.test(name));
    const done = await install(await debianBundle(), DEBIAN);
    expect(done).toMatchObject({ code: 'installed' });
    expect(readFileSync(join(done.entry?.dir ?? '', 'root/usr/bin/bandit'), 'utf8')).toBe(DEB);
    const after = readdirSync(tmpdir()).filter((name) => /^secplan-carry-[^t]/.test(name));
    expect(after.filter((name) => !before.includes(name))).toEqual([]);
  });

  it('with one byte changed in a download is SP4004, and nothing is kept', async () => {
    const file = await debianBundle();
    const bytes = readFileSync(file);
    const at = bytes.indexOf(DEB);
    expect(at).toBeGreaterThan(0);
    bytes[at + 4] = 0x58;
    writeFileSync(file, bytes);
    const done = await install(file, DEBIAN);
    expect(done).toMatchObject({ code: 'SP4004', detail: expect.stringContaining('demo 1') });
    expect(kept(done.store.root)).toEqual([]);
  });

  it.each<[string, string, (bytes: Buffer) => Buffer]>([
    ['SP4004', 'cut off', (bytes) => bytes.subarray(0, 1200)],
    ['SP4004', 'with a damaged header', (bytes) => Buffer.concat([Buffer.from('X'), bytes.subarray(1)])],
    ['SP4004', 'empty', () => Buffer.alloc(0)],
    ['SP4004', 'of zeros', () => Buffer.alloc(4096)],
    ['SP4004', 'a damaged gzip', () => Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3])],
  ])('%s: %s', async (code, _, change) => {
    const file = await debianBundle();
    writeFileSync(file, change(readFileSync(file)));
    const done = await install(file, DEBIAN);
    expect(done.code).toBe(code);
    expect(kept(done.store.root)).toEqual([]);
  });

  it('that is not there is SP4003', async () => {
    expect((await openToolBundle('/nonexistent/t.tar')).ok).toBe(false);
    expect((await install('/nonexistent/t.tar', DEBIAN)).code).toBe('SP4003');
  });

  it.each([
    ['climbs', 'i.name="../../escaped"'],
    ['is absolute', 'i.name="/tmp/escaped"'],
    ['links outside', 'i.name="l"; i.type=tarfile.SYMTYPE; i.linkname="../../../etc"; i.size=0'],
    ['is a device', 'i.name="d"; i.type=tarfile.CHRTYPE; i.size=0'],
  ])('with a member that %s is refused before anything is installed', async (_, hostile) => {
    const file = await debianBundle();
    const program = `import sys,tarfile,io
t=tarfile.open(sys.argv[1],"a")
i=tarfile.TarInfo("x"); i.size=1
${hostile}
t.addfile(i,io.BytesIO(b"x"))
t.close()`;
    execFileSync('python3', ['-c', program, file]);
    const done = await install(file, DEBIAN);
    expect(done.code).toBe('SP4004');
    expect(kept(done.store.root)).toEqual([]);
    expect(existsSync('/tmp/escaped')).toBe(false);
  });

  it('without the tool is SP4005', async () => {
    const file = join(fresh(), 'none.tar');
    const text = JSON.stringify({ schema: BUNDLE_SCHEMA, tools: [] });
    await writeTar(file, [{ name: 'bundle.json', content: { text } }]);
    const done = await install(file, DEBIAN);
    expect(done).toMatchObject({
      code: 'SP4005',
      detail: expect.stringContaining('bundle does not contain it'),
    });
  });

  it.each([
    ['{"schema":"other","tools":[]}'],
    [
      `{"schema":"${BUNDLE_SCHEMA}","tools":[{"tool":"../x","provider":"p","version":"1","digest":"${DEBIAN.digest}"}]}`,
    ],
    [`{"schema":"${BUNDLE_SCHEMA}","tools":[null]}`],
    ['null'],
    ['no json'],
  ])('with the index %s is none', async (text) => {
    const file = join(fresh(), 'odd.tar');
    await writeTar(file, [{ name: 'bundle.json', content: { text } }]);
    const opened = await openToolBundle(file);
    expect(opened).toMatchObject({ ok: false, problem: { code: 'SP4004' } });
  });

  it('is not written when one tool cannot be had', async () => {
    const file = join(fresh(), 'tools.tar');
    const carry = { tool: 'bandit', provider: 'pypi', bin: 'bandit', locked: DEBIAN };
    const other = sealEntry({
      ...DEBIAN,
      packages: [{ name: 'demo', version: '1', hashes: [`sha256:${'0'.repeat(64)}`] }],
    });
    const out = await carryOut(file, [carry, { ...carry, tool: 'ruff', locked: other }], {
      lock: emptyLock(),
      env: machines().online,
      workspace: null,
    });
    expect(out).toMatchObject({ ok: false, problems: [{ tool: 'ruff', problem: { code: 'SP4004' } }] });
    expect(readdirSync(dirname(file))).toEqual([]);
  });
});

describe('what each installer takes out of a bundle', () => {
  const none = { PATH: '/usr/bin:/bin' };

  it('release: the file with the locked hash, whatever it is called', async () => {
    const text = '#!/bin/sh\necho demo\n';
    const locked = sealEntry({
      kind: 'release',
      package: 'demo',
      version: '1',
      packages: [],
      files: { [machineKey()]: { url: 'https://127.0.0.1:9/demo', sha256: sha256Hex(text) } },
    });
    const done = await install(await bundleOf(locked, { other: 'x', any: text }), locked, none);
    expect(done.code).toBe('installed');
    expect(readFileSync(join(done.entry?.dir ?? '', 'bin/bandit'), 'utf8')).toBe(text);
    expect(await install(await bundleOf(locked, { any: `${text} ` }), locked, none)).toMatchObject({
      code: 'SP4004',
    });
  });

  it('npm: tarballs by hash, without npm', async () => {
    const folder = fresh();
    mkdirSync(join(folder, 'package'));
    writeFileSync(join(folder, 'package/package.json'), '{"name":"demo","version":"1.0.0","bin":"cli.js"}');
    writeFileSync(join(folder, 'package/cli.js'), '#!/usr/bin/env node\n', { mode: 0o755 });
    const tarball = join(folder, 'demo.tgz');
    execFileSync('tar', ['-czf', tarball, '-C', folder, 'package']);
    const locked = sealEntry({
      kind: 'npm',
      package: 'demo',
      version: '1.0.0',
      packages: [
        { name: 'demo', version: '1.0.0', hashes: [`sha512-${await hashFile(tarball, 'sha512', 'base64')}`] },
      ],
    });
    const done = await install(await bundleOf(locked, { '0.tgz': { path: tarball } }), locked, none);
    expect(done.code).toBe('installed');
    expect(existsSync(join(done.entry?.dir ?? '', 'node_modules/demo/cli.js'))).toBe(true);
    writeFileSync(tarball, 'other');
    const other = await install(await bundleOf(locked, { '0.tgz': { path: tarball } }), locked, none);
    expect(other.code).toBe('SP4004');
  });

  it('pypi: uv is told to fetch nothing, and a file that is not locked is refused before uv starts', async () => {
    const bin = fresh();
    const calls = join(fresh(), 'calls');
    const env = { PATH: `${bin}:/usr/bin:/bin` };
    // `uv venv` succeeds, so that the second call is seen.
    script(bin, 'uv', `echo "$@" >> ${calls}; [ "$1" = venv ]`);
    const locked = sealEntry({
      kind: 'pypi',
      package: 'demo',
      version: '1',
      packages: [{ name: 'demo', version: '1', hashes: [`sha256:${sha256Hex('wheel')}`] }],
      platform: { python: '3.11' },
    });
    const wheel = 'demo-1-py3-none-any.whl';
    const strange = await install(await bundleOf(locked, { [wheel]: 'wheel', extra: '?' }), locked, env);
    expect(strange).toMatchObject({ code: 'SP4004', detail: expect.stringContaining('extra') });
    expect(existsSync(calls)).toBe(false);
    const done = await install(await bundleOf(locked, { [wheel]: 'wheel' }), locked, env);
    expect(done.code).toBe('SP4003');
    const [, pip] = readFileSync(calls, 'utf8').trim().split('\n');
    expect(pip).toContain('--require-hashes');
    expect(pip).toMatch(/--offline --no-index --find-links \S+\/files\/bandit\/pypi$/);
  });
});

const goFolder = ['/usr/local/go/bin', '/usr/bin'].find((folder) => existsSync(join(folder, 'go')));
describe.runIf(goFolder !== undefined)('go', () => {
  const MODULE = 'example.org/demo';
  const FILES = {
    'go.mod': `module ${MODULE}\n\ngo 1.18\n`,
    'main.go': 'package main\n\nfunc main() { println("demo") }\n',
  };

  const proxy = (files: Readonly<Record<string, string>>) => served(fresh(), MODULE, files);
  const locked = sealEntry({
    kind: 'go',
    package: MODULE,
    version: 'v1.0.0',
    packages: [{ name: MODULE, version: 'v1.0.0', hashes: [h1(MODULE, FILES)] }],
  });
  const env = { PATH: `${goFolder}:/usr/bin:/bin`, HOME: process.env.HOME ?? root };

  it('builds out of the bundle alone, and refuses a module that was changed', {
    timeout: 120_000,
  }, async () => {
    const done = await install(await bundleOf(locked, proxy(FILES)), locked, env, 'demo');
    expect(done, done.detail).toMatchObject({ code: 'installed' });
    expect(existsSync(join(done.entry?.dir ?? '', 'bin/demo'))).toBe(true);
    expect(existsSync(join(done.entry?.dir ?? '', '.modules'))).toBe(false);
    const changed = proxy({ ...FILES, 'main.go': 'package main\n\nfunc main() { println("evil") }\n' });
    const refused = await install(await bundleOf(locked, changed), locked, env, 'demo');
    expect(refused.code).toBe('SP4004');
    expect(kept(refused.store.root)).toEqual([]);
  });
});

describe('secplan tools install', () => {
  const lock = serializeLock(withEntry(emptyLock(), 'bandit', 'pypi', DEBIAN));

  it('carries with --to-bundle and --bundle', async () => {
    using place = cliPlace();
    writeFileSync(join(place.dir, 'tools.lock.json'), lock);
    const { online, offline } = machines();
    const install = ['tools', 'install', '--trust-workspace'];
    const path = (env: Record<string, string>) => ({ PATH: `${env.PATH}:${process.env.PATH}` });
    const out = await place.secplan([...install, 'bandit', '--to-bundle', 't.tar'], path(online));
    expect(out, out.stderr).toMatchObject({ code: 0, stdout: 't.tar holds bandit 1\n' });
    const json = await place.secplan([...install, '--bundle', 't.tar', '--json'], path(offline));
    expect(json.code, json.stderr).toBe(0);
    expect(JSON.parse(json.stdout)).toMatchObject({
      exitCode: 0,
      tools: [{ tool: 'bandit', version: '1', fresh: true }],
    });
    const again = await place.secplan([...install, 'bandit', '--bundle', 't.tar'], path(offline));
    expect(again).toMatchObject({ code: 0, stdout: 'bandit 1 is already installed\n' });
    const tools = join(place.dir, '..', 'tools');
    for (const name of ['', ...(readdirSync(tools, { recursive: true }) as string[])]) {
      if (statSync(join(tools, name)).isDirectory()) chmodSync(join(tools, name), 0o755);
    }
  });

  it('says why a bundle of another lock, without the tool, or beside --to-bundle is refused', async () => {
    using place = cliPlace();
    const file = await debianBundle();
    const run = (...args: string[]) => place.secplan(['tools', 'install', ...args]);
    const other = await run('--bundle', file);
    expect(other).toMatchObject({ code: 3, stderr: expect.stringContaining('which a different lock pins') });
    const absent = await run('ruff', '--bundle', file);
    expect(absent).toMatchObject({ code: 2, stderr: expect.stringContaining('does not contain ruff') });
    const both = await run('--bundle', file, '--to-bundle', 'x.tar');
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot be used together') });
    expect((await run('--bundle', 'nothing.tar')).code).toBe(3);
  });
});
