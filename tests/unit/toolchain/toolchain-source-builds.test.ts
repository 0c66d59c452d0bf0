import { execFile, execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyLock, sealEntry, withEntry } from '../../../src/lock/lock.ts';
import type { LockedProvider } from '../../../src/lock/lock-types.ts';
import { packagedLockPath, parseLock, readLock } from '../../../src/lock/read-lock.ts';
import { fetchPypi } from '../../../src/toolchain/carry/fetch-pypi.ts';
import { ensureInstalled } from '../../../src/toolchain/ensure-installed.ts';
import { lockTool } from '../../../src/toolchain/lock-tools.ts';
import { openStore } from '../../../src/toolchain/shared/store.ts';

const root = mkdtempSync(join(tmpdir(), 'secplan-source-'));
let counter = 0;
function fresh(): string {
  const folder = join(root, String(counter++));
  mkdirSync(folder);
  return folder;
}

let reached = 0;
let server: Server;
let port = 0;
beforeAll(async () => {
  server = createServer((socket) => {
    reached++;
    socket.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as { port: number }).port;
});
afterAll(() => {
  server.close();
  for (const name of readdirSync(root, { recursive: true }) as string[]) {
    const path = join(root, name);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) chmodSync(path, 0o755);
  }
  rmSync(root, { recursive: true, force: true });
});

const packaged = readLock(packagedLockPath());
const lock = (packaged.ok ? packaged.value : undefined) ?? emptyLock();

/** What builds need of the machine: an index to take the back ends from, and a sandbox. */
const lacking =
  spawnSync('bwrap', ['--unshare-all', '--ro-bind', '/', '/', 'true']).status === 0
    ? (await reachIndex())
      ? undefined
      : 'package index'
    : 'sandbox';
if (lacking !== undefined)
  process.stderr.write(`\nno ${lacking} here: packages are NOT built from source by the tests\n\n`);

async function reachIndex(): Promise<boolean> {
  const wheel = { name: 'pypi', kind: 'pypi', package: 'wheel' } as const;
  const options = { store: openStore(fresh()), lock, workspace: null };
  return (await lockTool('wheel', wheel, undefined, options)).ok;
}

/** A source distribution whose setup.py runs `python` and then packs what it left in `seen` into the module. */
function plant(name: string, python: string) {
  const links = fresh();
  const folder = join(fresh(), `${name}-1.0`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'PKG-INFO'), `Metadata-Version: 1.0\nName: ${name}\nVersion: 1.0\n`);
  const setup = [
    'import json',
    'seen = {"ran": True}',
    python,
    `open("${name}.py", "w").write("SEEN = " + repr(seen) + "\\ndef main():\\n    print(__import__('json').dumps(SEEN))\\n")`,
    'from setuptools import setup',
    `setup(name="${name}", version="1.0", py_modules=["${name}"], entry_points={"console_scripts": ["${name}=${name}:main"]})`,
    '',
  ];
  writeFileSync(join(folder, 'setup.py'), setup.join('\n'));
  execFileSync('tar', ['-czf', join(links, `${name}-1.0.tar.gz`), '-C', join(folder, '..'), `${name}-1.0`]);
  return {
    provider: { name: 'pypi', kind: 'pypi', package: name, bin: name, sourceBuilds: [name] } as const,
    env: { ...process.env, UV_FIND_LINKS: links, PLANTED_SECRET: 'hunter2' },
  };
}

type Planted = ReturnType<typeof plant>;

async function pin({ provider, env }: Planted): Promise<LockedProvider> {
  const locked = await lockTool(provider.package, provider, undefined, {
    ...{ store: openStore(fresh()), lock, workspace: null, env },
  });
  if (!locked.ok) throw new Error(JSON.stringify(locked.diagnostics));
  return locked.value;
}

function install(
  locked: LockedProvider,
  { provider, env }: Planted,
  over: { readonly sandboxed?: boolean } = {},
) {
  const store = openStore(fresh());
  const pinned = withEntry(lock, provider.package, 'pypi', locked);
  return ensureInstalled(provider.package, provider, locked, {
    ...{ store, lock: pinned, offline: false, workspace: null, env, ...over },
  });
}

/** An entry as the lock would pin it, without asking an index for it. */
function made({ provider, env }: Planted): LockedProvider {
  const file = join(env.UV_FIND_LINKS, `${provider.package}-1.0.tar.gz`);
  const hash = execFileSync('sha256sum', [file], { encoding: 'utf8' }).slice(0, 64);
  return sealEntry({
    ...{ kind: 'pypi', package: provider.package, version: '1.0', platform: { python: '3.11' } },
    packages: [{ name: provider.package, version: '1.0', hashes: [`sha256:${hash}`], source: true }],
    backends: lock.tools['kube-hunter']!.pypi!.backends!,
  });
}

describe.skipIf(lacking !== undefined)('a package that is built from source', { timeout: 120_000 }, () => {
  it('is pinned with its back ends, built by its own setup.py, to the same bytes each time', async () => {
    const planted = plant('plainplant', '');
    const locked = await pin(planted);
    expect(locked.packages).toEqual([{ ...made(planted).packages[0] }]);
    expect(locked.backends?.map(({ name }) => name)).toEqual(expect.arrayContaining(['setuptools', 'wheel']));
    const pinned = withEntry(emptyLock(), 'plainplant', 'pypi', locked);
    expect(parseLock(JSON.stringify(pinned), 'tools.lock.json')).toMatchObject({ ok: true });

    const [first, second] = [await install(locked, planted), await install(locked, planted)];
    if (!first.ok || !second.ok) throw new Error(JSON.stringify([first, second]));
    const { dir, ready } = first.entry;
    expect(JSON.parse(execFileSync(join(dir, ready.executable), { encoding: 'utf8' }))).toEqual({
      ran: true,
    });
    expect(ready.host['built plainplant']).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(second.entry.ready.host['built plainplant']).toBe(ready.host['built plainplant']);
    // Nothing of the building stays.
    expect(readdirSync(dir).sort()).toEqual(expect.not.arrayContaining(['building', 'requirements.txt']));
  });

  it('reaches no network, no secret and no file but its own', async () => {
    const outside = join(fresh(), 'escaped');
    const mine = join(fresh(), 'private');
    writeFileSync(mine, 'private');
    const tries = [
      'import os, socket',
      'def attempt(name, act):',
      '    try:',
      '        seen[name] = str(act())',
      '    except Exception as error:',
      '        seen[name] = type(error).__name__',
      `attempt("network", lambda: socket.create_connection(("127.0.0.1", ${port}), 2))`,
      `attempt("write", lambda: open(${JSON.stringify(outside)}, "w").write("x"))`,
      `attempt("read", lambda: open(${JSON.stringify(mine)}).read())`,
      'attempt("secret", lambda: os.environ["PLANTED_SECRET"])',
      // What the next build would start from.
      'attempt("python", lambda: os.unlink(__import__("sys").executable))',
      'attempt("backend", lambda: open(__import__("setuptools").__file__, "a").write("x"))',
      'attempt("cache", lambda: open(os.getcwd().split("/sdists-")[0] + "/planted", "w").write("x"))',
      // The stages' sandbox: another user, a filter of system calls, no capabilities, limits.
      'status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)',
      'seen["held"] = [status["Seccomp"], status["NoNewPrivs"], status["CapEff"], status["CapBnd"], os.getuid()]',
      'attempt("limit", lambda: os.truncate(open("large", "w").fileno(), 5 << 30))',
      'attempt("userns", lambda: os.unshare(0x10000000) if hasattr(os, "unshare") else os.write(os.open("/proc/self/uid_map", os.O_WRONLY), b"0 0 1"))',
      'attempt("abstract", lambda: socket.socket(socket.AF_UNIX).connect(os.path.dirname(os.getcwd()) + "/desk"))',
      // Left where uv takes the result from.
      'attempt("link", lambda: os.symlink("/etc/hostname", os.getcwd() + "/evil-1.0-py3-none-any.whl"))',
    ].join('\n');
    const planted = plant('hostileplant', tries);
    const outcome = await install(made(planted), planted);
    if (!outcome.ok) throw new Error(JSON.stringify(outcome));
    const { dir, ready } = outcome.entry;
    const seen = JSON.parse(execFileSync(join(dir, ready.executable), { encoding: 'utf8' }));
    expect(seen).toMatchObject({ ran: true, secret: 'KeyError', read: 'FileNotFoundError' });
    expect(seen.held).toEqual(['2', '1', '0000000000000000', expect.stringMatching(/^0+/), 1000]);
    for (const name of ['network', 'write', 'python', 'backend', 'cache', 'limit', 'userns', 'abstract'])
      expect(seen[name], name).toMatch(/Error$/);
    expect(reached).toBe(0);
    expect(existsSync(outside)).toBe(false);
    // The same outside of the sandbox: the attempts themselves are good.
    const free = `seen = {}\n${tries.split('\n').slice(0, 10).join('\n')}\nprint(__import__("json").dumps(seen))`;
    const text = await promisify(execFile)('python3', ['-c', free], { env: planted.env });
    expect(JSON.parse(text.stdout)).toMatchObject({ write: '1', read: 'private', secret: 'hunter2' });
    expect([reached, existsSync(outside)]).toEqual([1, true]);
    reached = 0;
  });

  it('that fails without the network is not installed', async () => {
    const planted = plant('needyplant', `__import__("socket").create_connection(("127.0.0.1", ${port}), 2)`);
    expect(await install(made(planted), planted)).toMatchObject({ ok: false, problem: { code: 'SP4003' } });
    expect(reached).toBe(0);
  });

  it('is not built when its file is another one than the locked', async () => {
    const planted = plant('swappedplant', `open("/tmp/x", "w")`);
    const locked = made(planted);
    const [item] = locked.packages;
    const other = sealEntry({ ...locked, packages: [{ ...item!, hashes: [`sha256:${'0'.repeat(64)}`] }] });
    expect(await install(other, planted)).toMatchObject({ ok: false, problem: { code: 'SP4004' } });
  });

  it('is neither built nor asked what it needs without a sandbox', async () => {
    const planted = plant('boldplant', '');
    const bare = { sandboxed: false };
    expect(await install(made(planted), planted, bare)).toMatchObject({
      ok: false,
      problem: { code: 'SP4006' },
    });
    const locked = await lockTool('boldplant', planted.provider, undefined, {
      ...{ store: openStore(fresh()), lock, workspace: null, env: planted.env, ...bare },
    });
    expect(locked).toMatchObject({ ok: false, diagnostics: [{ code: 'SP5011' }, { code: 'SP4006' }] });
  });

  it('has to be named by the provider, whatever a lock says', async () => {
    const planted = plant('unnamedplant', '');
    const { sourceBuilds: _, ...silent } = planted.provider;
    const unnamed = { ...planted, provider: silent } as unknown as Planted;
    expect(await install(made(planted), unnamed)).toMatchObject({ ok: false, problem: { code: 'SP4002' } });
    const other = { ...planted, provider: { ...planted.provider, sourceBuilds: ['another'] } };
    await expect(pin(unnamed)).rejects.toThrow('SP4003');
    await expect(pin(other as unknown as Planted)).rejects.toThrow('SP4003');
  });

  it('is not carried: pip would run its code to learn what it needs', async () => {
    const planted = plant('carriedplant', '');
    const context = { locked: made(planted), dir: fresh(), env: {}, workspace: null } as never;
    expect(await fetchPypi(context, fresh())).toMatchObject({ ok: false, problem: { code: 'SP4003' } });
  });
});

describe('a lock with packages built from source', () => {
  const entry = made(plant('checkedplant', ''));
  const check = (change: (entry: Record<string, unknown>) => void) => {
    const { digest: _, ...rest } = structuredClone(entry) as LockedProvider & Record<string, unknown>;
    change(rest);
    const sealed = { ...rest, digest: sealEntry(rest as never).digest };
    const text = JSON.stringify({ ...emptyLock(), tools: { checkedplant: { pypi: sealed } } });
    return JSON.stringify(parseLock(text, 'tools.lock.json'));
  };

  it.each<[string, (entry: Record<string, unknown>) => void, string]>([
    ['whole', () => undefined, '"ok":true'],
    ['without back ends', (item) => delete item.backends, 'backends is missing'],
    [
      'with back ends without hashes',
      (item) => {
        item.backends = [{ name: 'setuptools', version: '1', hashes: [] }];
      },
      'backends holds what is not a package',
    ],
    [
      'with back ends and nothing to build',
      (item) => {
        delete (item.packages as Record<string, unknown>[])[0]!.source;
      },
      'backends goes with packages built from source',
    ],
    [
      'of another kind',
      (item) => {
        item.kind = 'maven';
      },
      'packages.0 is not a package',
    ],
  ])('%s', (_, change, said) => {
    expect(check(change)).toContain(said);
  });
});
