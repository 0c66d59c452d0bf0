import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/core/canonical.ts';
import { type BuiltTool, openStore, type StoreRef, toolsDir } from '../../../src/toolchain/shared/store.ts';

const REF: StoreRef = { tool: 'demo', provider: 'pypi', version: '1.0/../x', digest: digestOf('demo') };
const FOLDER = `1.0_.._x-${REF.digest.slice(7, 19)}`;
const BUILT: BuiltTool = { executable: 'bin/demo', mounts: [], env: { A: 'b' }, host: {} };

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'secplan-store-'));
});
afterEach(() => {
  for (const name of readdirSync(root, { recursive: true }) as string[]) {
    const path = join(root, name);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) chmodSync(path, 0o755);
  }
  rmSync(root, { recursive: true, force: true });
});

async function build(dir: string) {
  await mkdir(join(dir, 'bin'));
  await writeFile(join(dir, 'bin', 'demo'), '#!/bin/sh\n', { mode: 0o755 });
  return { ok: true, built: BUILT } as const;
}

function entries(): string[] {
  const folder = join(root, 'demo', 'pypi');
  return existsSync(folder) ? readdirSync(folder) : [];
}

function building(): string[] {
  const folder = join(root, '.building');
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** An installer in its own process: says `building` when half done and goes on once it reads a line. */
function installer(): ChildProcess {
  const code = `
    import { openStore } from ${JSON.stringify(new URL('../../../src/toolchain/shared/store.ts', import.meta.url).href)};
    import { mkdir, writeFile } from 'node:fs/promises';
    const outcome = await openStore(process.argv[1]).install(${JSON.stringify(REF)}, async (dir) => {
      await mkdir(dir + '/bin');
      await writeFile(dir + '/bin/demo', 'by ' + process.pid);
      console.log('building');
      await new Promise((go) => process.stdin.once('data', go));
      process.stdin.destroy();
      return { ok: true, built: ${JSON.stringify(BUILT)} };
    });
    console.log(JSON.stringify(outcome));`;
  return spawn(process.execPath, ['--input-type=module', '--no-warnings', '-e', code, root], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

function said(child: ChildProcess, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let all = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      all += chunk.toString();
      if (all.includes(text)) resolve(all);
    });
    child.once('close', () => reject(new Error(`ended, having said: ${all}`)));
  });
}

describe('toolsDir', () => {
  it.each([
    [{ SECPLAN_TOOLS_DIR: '/a/b', XDG_DATA_HOME: '/x' }, '/a/b'],
    [{ XDG_DATA_HOME: '/x', HOME: '/h' }, '/x/secplan/tools'],
    [{ XDG_DATA_HOME: 'relative', HOME: '/h' }, '/h/.local/share/secplan/tools'],
    [{ HOME: '/h' }, '/h/.local/share/secplan/tools'],
  ])('%j', (env, dir) => {
    expect(toolsDir(env)).toBe(dir);
  });
});

describe('store', () => {
  it('publishes a whole, read-only entry under its own name and finds it again', async () => {
    const store = openStore(root);
    expect(await store.find(REF)).toEqual({ kind: 'absent' });
    const outcome = await store.install(REF, build);
    expect(outcome).toMatchObject({ ok: true, entry: { ready: { ...REF, ...BUILT } } });
    expect(entries()).toEqual([FOLDER]);
    expect(await store.find(REF)).toMatchObject({
      kind: 'present',
      entry: { dir: join(root, 'demo', 'pypi', FOLDER) },
    });
    expect(statSync(join(root, 'demo/pypi', FOLDER, 'bin')).mode & 0o777).toBe(0o555);
    expect(statSync(join(root, 'demo/pypi', FOLDER, 'bin/demo')).mode & 0o222).toBe(0);
    expect(await store.list()).toHaveLength(1);
    expect(await store.find({ ...REF, digest: digestOf('other') })).toEqual({ kind: 'absent' });
  });

  it('keeps nothing of an installation that fails, throws, or built no executable', async () => {
    const store = openStore(root);
    const failing = await store.install(REF, async (dir) => {
      await build(dir);
      return { ok: false, problem: { code: 'SP4004', detail: 'another file' } };
    });
    expect(failing).toMatchObject({ ok: false, problem: { code: 'SP4004' } });
    const throwing = await store.install(REF, async () => {
      throw new Error('no space');
    });
    expect(throwing).toMatchObject({ ok: false, problem: { code: 'SP4003', detail: 'no space' } });
    const empty = await store.install(REF, async () => ({ ok: true, built: BUILT }));
    expect(empty).toMatchObject({ ok: false, problem: { code: 'SP4003' } });
    expect(entries()).toEqual([]);
  });

  it('does not count an entry whose interpreter is gone, and replaces it', async () => {
    const store = openStore(root);
    const interpreter = join(root, 'python');
    writeFileSync(interpreter, '');
    const linked = async (dir: string) => {
      await mkdir(join(dir, 'bin'));
      symlinkSync(interpreter, join(dir, 'bin', 'demo'));
      return { ok: true, built: BUILT } as const;
    };
    expect((await store.install(REF, linked)).ok).toBe(true);
    unlinkSync(interpreter);
    expect(await store.find(REF)).toEqual({ kind: 'absent' });
    expect((await store.install(REF, build)).ok).toBe(true);
    expect(entries()).toEqual([FOLDER]);
    expect(await store.find(REF)).toMatchObject({ kind: 'present' });
  });

  it('lets two processes install at once and keeps one good entry', async () => {
    const [a, b] = [installer(), installer()];
    await Promise.all([said(a, 'building'), said(b, 'building')]);
    expect(building()).toHaveLength(2);
    const ends = [said(a, 'ready'), said(b, 'ready')];
    a.stdin?.write('go\n');
    b.stdin?.write('go\n');
    for (const text of await Promise.all(ends)) expect(text).toContain('"ok":true');
    expect(entries()).toEqual([FOLDER]);
    expect(await openStore(root).find(REF)).toMatchObject({ entry: { ready: { tool: 'demo' } } });
    expect(building()).toEqual([]);
  });

  it('counts nothing of an installer that was killed, and installs over it', async () => {
    const child = installer();
    await said(child, 'building');
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    const store = openStore(root);
    expect(building()).toHaveLength(1);
    expect(await store.find(REF)).toEqual({ kind: 'absent' });
    expect(await store.list()).toEqual([]);
    expect((await store.install({ ...REF, tool: 'other' }, build)).ok).toBe(true);
    expect(building()).toEqual([]);
    expect((await store.install(REF, build)).ok).toBe(true);
    expect(await store.list()).toHaveLength(2);
  });

  it('leaves what a live process, or one of another machine, is building', async () => {
    const child = installer();
    await said(child, 'building');
    const strange = join(root, '.building', 'x-y-1-2.00000000-1-2.0123456789ab');
    await mkdir(strange);
    const store = openStore(root);
    expect((await store.install({ ...REF, tool: 'other' }, build)).ok).toBe(true);
    expect(building()).toHaveLength(2);
    const end = said(child, 'ready');
    child.stdin?.write('go\n');
    expect(await end).toContain('"ok":true');
    const longAgo = new Date(Date.now() - 25 * 3600 * 1000);
    utimesSync(strange, longAgo, longAgo);
    expect((await store.install({ ...REF, tool: 'third' }, build)).ok).toBe(true);
    expect(building()).toEqual([]);
  });

  it.each(['ENOSPC', 'EDQUOT'])('calls a full store one (%s), and leaves nothing in it', async (code) => {
    const outcome = await openStore(root).install(REF, async () => {
      throw Object.assign(new Error(`${code}: write`), { code });
    });
    expect(outcome).toMatchObject({ ok: false, problem: { code: 'SP4008' } });
    expect(JSON.stringify(outcome)).toContain(root);
    expect(building()).toEqual([]);
  });
});

describe('files of an installation', () => {
  const path = (...names: string[]) => join(root, 'demo/pypi', FOLDER, ...names);

  async function installed() {
    const store = openStore(root);
    const outcome = await store.install(REF, async (dir) => {
      await mkdir(join(dir, 'lib'));
      await writeFile(join(dir, 'lib', 'a b.py'), 'one');
      await writeFile(join(dir, 'lib', 'two\nlines'), 'two');
      symlinkSync('a b.py', join(dir, 'lib', 'link'));
      return build(dir);
    });
    expect(outcome.ok).toBe(true);
    return store;
  }

  /** As whoever may write to the store could do it. */
  function open(folder: string): void {
    chmodSync(folder, 0o755);
  }

  it('are what was installed: also after a copy of the store, whose files have other times', async () => {
    const store = await installed();
    expect(await store.find(REF)).toMatchObject({ kind: 'present' });
    const stamp = readFileSync(path('files.stamp'), 'utf8');
    const copy = join(root, 'copy');
    cpSync(join(root, 'demo'), join(copy, 'demo'), { recursive: true, verbatimSymlinks: true });
    expect(await openStore(copy).find(REF)).toMatchObject({ kind: 'present' });
    expect(readFileSync(join(copy, 'demo/pypi', FOLDER, 'files.stamp'), 'utf8')).not.toBe(stamp);
  });

  it.each<[string, string, () => void]>([
    ['a changed file', 'lib/a b.py', () => rewrite(path('lib', 'a b.py'), 'oops')],
    ['one of the same size and time', 'lib/a b.py', () => rewrite(path('lib', 'a b.py'), 'two')],
    [
      'a changed record of what to start',
      'ready.json',
      () => rewrite(path('ready.json'), edited('bin/demo', 'lib/link')),
    ],
    ['a mode', 'bin/demo', () => chmodSync(path('bin/demo'), 0o755)],
    ['an added file', 'lib/sitecustomize.py', () => writeFileSync(path('lib/sitecustomize.py'), '')],
    ['a file that is gone', 'lib/link', () => unlinkSync(path('lib/link'))],
    ['a link elsewhere', 'lib/link', () => relink(path('lib/link'), '/etc/passwd')],
  ])('refuse %s', async (_, file, change) => {
    const store = await installed();
    open(path());
    open(path('lib'));
    change();
    chmodSync(path('lib'), 0o555);
    expect(await store.find(REF)).toMatchObject({ kind: 'changed', file: { path: file } });
    await store.remove(REF);
    expect(await store.find(REF)).toEqual({ kind: 'absent' });
    expect((await store.install(REF, build)).ok).toBe(true);
    expect(await store.find(REF)).toMatchObject({ kind: 'present' });
  });

  it('count for nothing without their record: the tool is installed anew', async () => {
    const store = await installed();
    open(path());
    unlinkSync(path('files.txt'));
    expect(await store.find(REF)).toEqual({ kind: 'absent' });
  });

  function edited(from: string, to: string): string {
    return readFileSync(path('ready.json'), 'utf8').replace(from, to);
  }

  function relink(link: string, to: string): void {
    unlinkSync(link);
    symlinkSync(to, link);
  }

  /** Keeps the times that can be kept. */
  function rewrite(file: string, text: string): void {
    const { atime, mtime, mode } = statSync(file);
    chmodSync(file, 0o644);
    writeFileSync(file, text);
    utimesSync(file, atime, mtime);
    chmodSync(file, mode);
  }
});

it('an ordinary user installs, finds, removes and installs again', () => {
  // Root may move a closed folder; nobody else may.
  const code = `
    import { mkdir, writeFile } from 'node:fs/promises';
    import { openStore } from ${JSON.stringify(new URL('../../../src/toolchain/shared/store.ts', import.meta.url).href)};
    const [store, ref] = [openStore(process.argv[1]), ${JSON.stringify(REF)}];
    const build = async (dir) => {
      await mkdir(dir + '/bin');
      await writeFile(dir + '/bin/demo', '', { mode: 0o755 });
      return { ok: true, built: ${JSON.stringify(BUILT)} };
    };
    const seen = [(await store.install(ref, build)).ok, (await store.find(ref)).kind];
    await store.remove(ref);
    seen.push((await store.find(ref)).kind, (await store.install(ref, build)).ok, (await store.find(ref)).kind);
    console.log(process.getuid(), ...seen);`;
  chmodSync(root, 0o777);
  const isRoot = process.getuid?.() === 0;
  const drop = isRoot ? ['/usr/bin/setpriv', '--reuid=4242', '--regid=4242', '--clear-groups', '--'] : [];
  const [program = '', ...argv] = [...drop, process.execPath, '--input-type=module', '-e', code, root];
  const { stdout, stderr } = spawnSync(program, argv, { encoding: 'utf8', cwd: root });
  expect(stdout, stderr).toMatch(/^\d+ true present absent true present\n$/);
  if (isRoot) expect(stdout).toMatch(/^4242 /);
});
