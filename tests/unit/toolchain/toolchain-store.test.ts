import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
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
    expect(await store.find(REF)).toBeUndefined();
    const outcome = await store.install(REF, build);
    expect(outcome).toMatchObject({ ok: true, entry: { ready: { ...REF, ...BUILT } } });
    expect(entries()).toEqual([FOLDER]);
    expect((await store.find(REF))?.dir).toBe(join(root, 'demo', 'pypi', FOLDER));
    expect(statSync(join(root, 'demo/pypi', FOLDER, 'bin')).mode & 0o777).toBe(0o555);
    expect(statSync(join(root, 'demo/pypi', FOLDER, 'bin/demo')).mode & 0o222).toBe(0);
    expect(await store.list()).toHaveLength(1);
    expect(await store.find({ ...REF, digest: digestOf('other') })).toBeUndefined();
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
    expect(await store.find(REF)).toBeUndefined();
    expect((await store.install(REF, build)).ok).toBe(true);
    expect(entries()).toEqual([FOLDER]);
    expect(await store.find(REF)).toBeDefined();
  });

  it('lets two processes install at once and keeps one good entry', async () => {
    const [a, b] = [installer(), installer()];
    await Promise.all([said(a, 'building'), said(b, 'building')]);
    expect(entries().filter((name) => name.includes('.tmp-'))).toHaveLength(2);
    const ends = [said(a, 'ready'), said(b, 'ready')];
    a.stdin?.write('go\n');
    b.stdin?.write('go\n');
    for (const text of await Promise.all(ends)) expect(text).toContain('"ok":true');
    expect(entries()).toEqual([FOLDER]);
    expect((await openStore(root).find(REF))?.ready.tool).toBe('demo');
  });

  it('counts nothing of an installer that was killed, and installs over it', async () => {
    const child = installer();
    await said(child, 'building');
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    const store = openStore(root);
    expect(entries()).toHaveLength(1);
    expect(await store.find(REF)).toBeUndefined();
    expect(await store.list()).toEqual([]);
    expect((await store.install(REF, build)).ok).toBe(true);
    expect(await store.list()).toHaveLength(1);
  });
});
