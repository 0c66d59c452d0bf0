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
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../../src/core/canonical.ts';
import type { RunEvent } from '../../../src/executor/events.ts';
import { runProgram } from '../../../src/io/run-program.ts';
import { emptyLock, sealEntry, withEntry } from '../../../src/lock/lock.ts';
import type { LockedProvider, ToolsLock } from '../../../src/lock/lock-types.ts';
import { packagedLockPath, readLock } from '../../../src/lock/read-lock.ts';
import type { PlannedProvider, ToolStage } from '../../../src/planner/ir/ir.ts';
import type { Provider } from '../../../src/stages/contract/provider.ts';
import { ensureInstalled } from '../../../src/toolchain/ensure-installed.ts';
import { unlistedDependencies } from '../../../src/toolchain/installers/go.ts';
import { machineKey } from '../../../src/toolchain/installers/release.ts';
import { lockTool } from '../../../src/toolchain/lock-tools.ts';
import { findProgram, trustedPath } from '../../../src/toolchain/programs/find-program.ts';
import { installerEnv } from '../../../src/toolchain/programs/installer-env.ts';
import { createProvisioner, type ProvisionerOptions } from '../../../src/toolchain/provision.ts';
import { requirementsText } from '../../../src/toolchain/shared/requirements-text.ts';
import { openStore } from '../../../src/toolchain/shared/store.ts';

const root = mkdtempSync(join(tmpdir(), 'secplan-provision-'));
let counter = 0;
function fresh(): string {
  const folder = join(root, String(counter++));
  mkdirSync(folder);
  return folder;
}
afterAll(() => {
  for (const name of readdirSync(root, { recursive: true }) as string[]) {
    const path = join(root, name);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) chmodSync(path, 0o755);
  }
  rmSync(root, { recursive: true, force: true });
});

/** A port that nothing listens on. */
const NOWHERE = { url: 'https://127.0.0.1:9/demo', sha256: '0'.repeat(64) };

const packaged = readLock(packagedLockPath());
const lock = (packaged.ok ? packaged.value : undefined) ?? emptyLock();

function provider(kind: Provider['kind'], locked?: LockedProvider, bin = 'demo'): PlannedProvider {
  return {
    provider: { name: kind, runtime: kind === 'image' ? 'dagger' : 'local', kind, package: bin, bin },
    version: locked?.version ?? null,
    digest: locked?.digest ?? null,
    steps: [],
  };
}

function stage(definition: string, ...providers: PlannedProvider[]): ToolStage {
  return { id: definition, tool: definition, definition, providers } as unknown as ToolStage;
}

function provisioner(options: Partial<ProvisionerOptions> = {}) {
  const events: RunEvent[] = [];
  const store = options.store ?? openStore(fresh());
  return {
    events,
    store,
    provision: createProvisioner({
      store,
      lock: emptyLock(),
      offline: false,
      locked: false,
      // Scripted installers write elsewhere what they were asked.
      sandboxed: false,
      workspace: null,
      onEvent: (event) => events.push(event),
      ...options,
    }).provision,
  };
}

function script(folder: string, name: string, text: string): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), text, { mode: 0o755 });
  return join(folder, name);
}

/** A Debian entry whose installers are scripted: `apt-get` counts its calls and hands over a fixed file. */
function scripted(hash?: string) {
  const bin = fresh();
  const calls = join(fresh(), 'calls');
  script(bin, 'apt-get', `#!/bin/sh\necho call >> ${calls}\nprintf deb > demo.deb\n`);
  script(
    bin,
    'dpkg-deb',
    '#!/bin/sh\nmkdir -p "$3/usr/bin"\nprintf "#!/bin/sh\\n" > "$3/usr/bin/demo"\nchmod +x "$3/usr/bin/demo"\n',
  );
  const hashes = [hash ?? `sha256:${sha256Hex('deb')}`];
  const packages = [{ name: 'demo', version: '1', hashes }];
  const entry = sealEntry({ kind: 'debian', package: 'demo', version: '1', packages });
  return {
    entry,
    lock: withEntry(emptyLock(), 'demo', 'debian', entry),
    env: { PATH: `${bin}:/usr/bin:/bin` },
    count: () => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n').length : 0),
  };
}

describe('provisioner', () => {
  it('installs once for stages that ask at the same time, says so, and finds it in the store afterwards', async () => {
    const { entry, lock, env, count } = scripted();
    const first = provisioner({ lock, env });
    const asked = stage('demo', provider('image'), provider('debian', entry));
    const tools = await Promise.all([1, 2, 3].map(() => first.provision(asked)));
    expect(count()).toBe(1);
    expect(first.events.map((event) => event.type)).toEqual(['installing', 'diagnostic', 'installed']);
    expect(first.events[1]).toMatchObject({ diagnostic: { code: 'SP5011' } });
    for (const outcome of tools) {
      expect(outcome).toMatchObject({ ok: true, tool: { digest: entry.digest, version: '1', pinned: true } });
      expect(outcome.ok && existsSync(outcome.tool.executable)).toBe(true);
      expect(outcome.ok && outcome.tool.executable.startsWith(`${outcome.tool.mounts[0]}/`)).toBe(true);
    }
    const again = provisioner({ lock, env: { PATH: '' }, store: first.store, offline: true, locked: true });
    expect(await again.provision(asked)).toMatchObject({ ok: true });
    expect(again.events).toEqual([]);
  });

  describe('where the preferred provider is unavailable', () => {
    /** A release that no server gives, which is preferred to a package that the scripted installer gives. */
    function preferringRelease(files: LockedProvider['files'] = { [machineKey()]: NOWHERE }) {
      const debian = scripted();
      const release = sealEntry({ kind: 'release', package: 'demo/demo', version: '2', packages: [], files });
      const lock = withEntry(debian.lock, 'demo', 'release', release);
      const asked = stage('demo', provider('release', release), provider('debian', debian.entry));
      return { ...debian, lock, asked, release };
    }

    it('installs the next pinned one, says why, and uses that one without another try', async () => {
      const { asked, lock, env, entry, count } = preferringRelease();
      const first = provisioner({ lock, env });
      const outcome = await first.provision(asked);
      expect(outcome).toMatchObject({ ok: true, tool: { digest: entry.digest, version: '1', pinned: true } });
      expect(outcome.ok && outcome.tool.provider.provider.name).toBe('debian');
      const said = first.events.filter(({ type }) => type === 'diagnostic').at(-1);
      expect(said).toMatchObject({
        diagnostic: { code: 'SP4015', summary: 'demo comes from debian: release is unavailable' },
      });
      expect(JSON.stringify(said)).toMatch(/127\.0\.0\.1.*cannot be reached \(ECONNREFUSED\)/);
      const again = provisioner({ lock, env, store: first.store, offline: true });
      expect(await again.provision(asked)).toMatchObject({ ok: true });
      expect(again.events).toEqual([]);
      expect(count()).toBe(1);
    });

    it('names all that were tried when none is available', async () => {
      const { asked, lock } = preferringRelease();
      const outcome = await provisioner({ lock, env: { PATH: '' } }).provision(asked);
      expect(outcome).toMatchObject({ ok: false, failure: { reason: 'install-failed' } });
      expect(JSON.stringify(outcome)).toMatch(/release: .*cannot be reached \(ECONNREFUSED\).*; debian: /);
    });

    it('looks no further where a file is not the pinned one', async () => {
      const wrong = scripted(`sha256:${'0'.repeat(64)}`);
      const asked = stage('demo', provider('debian', wrong.entry), provider('path', undefined, 'sh'));
      const { provision, events } = provisioner({ lock: wrong.lock, env: wrong.env });
      expect(await provision(asked)).toMatchObject({ ok: false, failure: { reason: 'install-failed' } });
      expect(events.at(-1)).toMatchObject({ diagnostic: { code: 'SP4004' } });
    });

    it('passes over a release that has no file for this machine', async () => {
      const { lock, env, release, entry } = preferringRelease({ 'plan9-mips': NOWHERE });
      const planned = { ...provider('release', release), platforms: ['plan9-mips'] };
      const { provision, events } = provisioner({ lock, env });
      const outcome = await provision(stage('demo', planned, provider('debian', entry)));
      expect(outcome).toMatchObject({ ok: true, tool: { version: '1' } });
      expect(events.filter(({ type }) => type === 'diagnostic')).toHaveLength(1);
    });
  });

  it('refuses a malicious version of whatever provider, and one that PATH finds by what it says of itself', async () => {
    const { entry, lock, env, count } = scripted();
    const refused = [{ versions: ['1', '0.69.4'], advisory: 'CVE-0' }];
    const planned = provider('debian', entry);
    const asked = stage('demo', { ...planned, provider: { ...planned.provider, refused } }, provider('path'));
    const { provision, events } = provisioner({ lock, env });
    expect(await provision(asked)).toMatchObject({ ok: false, failure: { reason: 'tool-missing' } });
    expect(events).toMatchObject([{ type: 'diagnostic', diagnostic: { code: 'SP4016' } }]);
    expect(count()).toBe(0);

    const onPath = provider('path');
    const named = stage('demo', { ...onPath, provider: { ...onPath.provider, refused } });
    for (const [version, ok] of [
      ['v0.69.4', false],
      ['0.69.3', true],
    ] as const) {
      const bin = fresh();
      script(bin, 'demo', `#!/bin/sh\necho demo ${version}\n`);
      const found = await provisioner({ env: { PATH: `${bin}:/usr/bin:/bin` } }).provision(named);
      expect(found.ok, version).toBe(ok);
    }
  });

  it('starts no installed tool whose file was changed since, with --locked or without, until it is installed again', async () => {
    const { entry, lock, env } = scripted();
    const first = provisioner({ lock, env });
    const asked = stage('demo', provider('debian', entry));
    const ready = await first.provision(asked);
    if (!ready.ok) throw new Error('not installed');
    const { executable } = ready.tool;
    chmodSync(executable, 0o755);
    writeFileSync(executable, '#!/bin/sh\necho all is well\n');
    chmodSync(executable, 0o555);
    for (const locked of [true, false]) {
      const later = provisioner({ lock, env, locked, store: first.store });
      const outcome = await later.provision(asked);
      expect(outcome).toMatchObject({ ok: false, failure: { reason: 'tool-changed' } });
      expect(JSON.stringify(outcome)).toContain('secplan tools install --reinstall demo');
      expect(later.events).toMatchObject([{ type: 'diagnostic', diagnostic: { code: 'SP4009' } }]);
    }
    const options = {
      ...{ store: first.store, lock, env, offline: false, workspace: null },
      sandboxed: false,
    };
    const from = provider('debian', entry).provider;
    expect(await ensureInstalled('demo', from, entry, options)).toMatchObject({ ok: false });
    const mended = await ensureInstalled('demo', from, entry, { ...options, reinstall: true });
    expect(mended).toMatchObject({ ok: true, fresh: true });
    expect(await provisioner({ lock, store: first.store }).provision(asked)).toMatchObject({ ok: true });
    // Without network, what there is stays.
    const offline = await ensureInstalled('demo', from, entry, {
      ...options,
      reinstall: true,
      offline: true,
    });
    expect(offline).toMatchObject({ ok: false, problem: { code: 'SP4005' } });
    expect(await provisioner({ lock, store: first.store }).provision(asked)).toMatchObject({ ok: true });
  });

  it('keeps nothing whose hash is not the pinned one', async () => {
    const { entry, lock, env } = scripted(`sha256:${'0'.repeat(64)}`);
    const { provision, store, events } = provisioner({ lock, env });
    const outcome = await provision(stage('demo', provider('debian', entry)));
    expect(outcome).toMatchObject({ ok: false, failure: { reason: 'install-failed' } });
    expect(events.at(-1)).toMatchObject({ type: 'diagnostic', diagnostic: { code: 'SP4004' } });
    expect(readdirSync(join(store.root, 'demo', 'debian'))).toEqual([]);
  });

  it.each<[string, string, Partial<ProvisionerOptions>, 'debian' | 'path']>([
    ['SP4005', 'offline', { offline: true }, 'debian'],
    ['SP4006', 'installer missing', { env: { PATH: '/nonexistent' } }, 'debian'],
    ['SP4002', 'a PATH tool under --locked', { locked: true }, 'path'],
    ['SP4002', 'a lock without the tool', { lock: emptyLock() }, 'debian'],
  ])('%s: %s', async (code, _, options, kind) => {
    const { entry, lock, env, count } = scripted();
    const { provision, events } = provisioner({ lock, env, ...options });
    const planned = kind === 'path' ? provider('path', undefined, 'sh') : provider('debian', entry);
    const outcome = await provision(stage('demo', planned));
    expect(outcome).toMatchObject({ ok: false, failure: { reason: 'tool-missing' } });
    expect(events.at(-1)).toMatchObject({ type: 'diagnostic', diagnostic: { code } });
    expect(count()).toBe(0);
  });

  it('does not install another version than the plan was made for', async () => {
    const { entry, lock, env, count } = scripted();
    const { provision } = provisioner({ lock, env });
    const planned = { ...provider('debian', entry), digest: sealEntry({ ...entry, version: '2' }).digest };
    expect(await provision(stage('demo', planned))).toMatchObject({ ok: false });
    expect(count()).toBe(0);
  });

  it('passes over providers that are not pinned, for one on PATH, and is clear when there is none', async () => {
    const folder = fresh();
    const path = script(folder, 'demo', '#!/bin/sh\necho "demo, version 4.5.6 (x)"\n');
    const { provision } = provisioner({ env: { PATH: folder } });
    const outcome = await provision(stage('demo', provider('pypi'), provider('path')));
    const digest = `sha256:${sha256Hex(readFileSync(path))}`;
    expect(outcome).toMatchObject({ ok: true, tool: { version: '4.5.6', pinned: false, digest } });
    expect(await provision(stage('other', provider('pypi'), provider('image')))).toMatchObject({
      ok: false,
      failure: { reason: 'tool-missing' },
    });
  });

  it('gives stages that share a tool each their own command', async () => {
    const folder = fresh();
    script(folder, 'demo', '#!/bin/sh\necho "demo 1.2.3"\n');
    const { provision } = provisioner({ env: { PATH: folder } });
    const commands = ['one', 'two'];
    const given = await Promise.all(
      commands.map(async (word) => {
        const steps = [{ id: 'run', argv: ['demo', word], exits: {} }];
        const outcome = await provision(stage('demo', { ...provider('path'), steps }));
        return outcome.ok && outcome.tool.provider.steps[0]?.argv[1];
      }),
    );
    expect(given).toEqual(commands);
  });

  it('never starts a program that PATH finds in the scanned tree, by link or by way of a linked folder', async () => {
    const workspace = fresh();
    const ran = join(fresh(), 'ran');
    const evil = script(join(workspace, 'bin'), 'demo', `#!/bin/sh\necho x > ${ran}\n`);
    const links = fresh();
    symlinkSync(evil, join(links, 'demo'));
    const linkedFolder = join(fresh(), 'linked');
    symlinkSync(join(workspace, 'bin'), linkedFolder);
    for (const PATH of [join(workspace, 'bin'), links, linkedFolder]) {
      const { provision, events } = provisioner({ workspace, env: { PATH } });
      expect(await provision(stage('demo', provider('path')))).toMatchObject({ ok: false });
      expect(events).toMatchObject([{ type: 'diagnostic', diagnostic: { code: 'SP4007' } }]);
    }
    expect(existsSync(ran)).toBe(false);
    const open = provisioner({ workspace: fresh(), env: { PATH: links } });
    expect(await open.provision(stage('demo', provider('path')))).toMatchObject({ ok: true });
    expect(existsSync(ran)).toBe(true);
  });

  it('never starts an installer out of the scanned tree', async () => {
    const { entry, lock, env, count } = scripted();
    const workspace = env.PATH.split(':')[0]!;
    const { provision } = provisioner({ lock, env: { PATH: workspace }, workspace });
    expect(await provision(stage('demo', provider('debian', entry)))).toMatchObject({ ok: false });
    expect(count()).toBe(0);
  });
});

describe('what installers are started with', () => {
  it('drops settings that change the result, keeps proxies, and trusts no relative PATH entry', () => {
    const workspace = fresh();
    mkdirSync(join(workspace, 'bin'));
    const env = installerEnv(
      {
        PATH: `.::bin:${join(workspace, 'bin')}:/usr/bin`,
        HTTPS_PROXY: 'p',
        GONOSUMDB: '*',
        PYTHONPATH: '/x',
        LD_PRELOAD: 'y',
      },
      workspace,
    );
    // uv trusts the system's certificates unless the caller says otherwise.
    expect(env).toEqual({ PATH: '/usr/bin', HTTPS_PROXY: 'p', UV_SYSTEM_CERTS: 'true' });
    expect(installerEnv({ UV_SYSTEM_CERTS: 'false' }, null).UV_SYSTEM_CERTS).toBe('false');
    expect(installerEnv({ UV_NATIVE_TLS: 'false' }, null).UV_SYSTEM_CERTS).toBeUndefined();
    expect(trustedPath('relative', null)).toBe('');
    expect(findProgram('../bin/sh', '/usr/bin', null)).toEqual({ found: 'no' });
  });

  it('kills a program with its children when time is up', async () => {
    const options = { cwd: '/', env: { PATH: '/usr/bin:/bin' }, timeoutMs: 100 };
    // The child keeps the pipe open: only killing the whole group ends the call.
    const result = await runProgram('/bin/sh', ['-c', 'sleep 600 & sleep 600'], options);
    expect(result).toMatchObject({ code: null, timedOut: true });
    expect(await runProgram('/nonexistent', [], options)).toMatchObject({ code: null });
  });
});

describe('go', () => {
  const sum = 'h1:abc=';
  it('accepts a build whose every module stands in go.sum and names the others', () => {
    const info = `/x: go1.26\n\tmod\tm\tv1\th1:x=\n\tdep\ta.b/c\tv1.0.0\t${sum}\n\tdep\td.e/f\tv2.0.0\th1:zzz=\n`;
    expect(unlistedDependencies(info, `a.b/c v1.0.0 ${sum}\nd.e/f v2.0.0 h1:zzz=\n`)).toEqual([]);
    expect(unlistedDependencies(info, `a.b/c v1.0.0 ${sum}\nd.e/f v2.0.0 h1:other=\n`)).toEqual([
      'd.e/f@v2.0.0',
    ]);
  });
});

describe('pypi', () => {
  const entry = lock.tools.flawfinder!.pypi!;
  const planned = {
    ...provider('pypi', entry),
    provider: { ...provider('pypi').provider, bin: 'flawfinder' },
  };
  const tampered = sealEntry({
    ...entry,
    packages: [{ ...entry.packages[0]!, hashes: [`sha256:${'0'.repeat(64)}`] }],
  });

  it('writes requirements with every hash and marker', () => {
    const item = { name: 'a', version: '1', hashes: ['sha256:x', 'sha256:y'], marker: "os_name == 'nt'" };
    expect(requirementsText([item])).toBe(
      "a==1 ; os_name == 'nt' \\\n    --hash=sha256:x \\\n    --hash=sha256:y\n",
    );
  });

  it('installs a real package, refuses the same one under another hash, and resolves it anew', async (context) => {
    const { provision, store } = provisioner({ lock });
    const outcome = await provision(stage('flawfinder', planned));
    if (!outcome.ok && /SP4003|SP4006/.test(JSON.stringify(outcome.failure))) {
      return context.skip(`no package index or no uv here: ${JSON.stringify(outcome.failure)}`);
    }
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.failure));
    const { executable, mounts, host } = outcome.tool;
    expect(host?.python).toMatch(/^3\.\d+\.\d+$/);
    expect(execFileSync(executable, ['--version'], { encoding: 'utf8', env: {} })).toMatch(/2\.0\.20/);
    // Made in another folder than it lies in now: nothing names that one any more.
    const files = readdirSync(mounts[0]!, { recursive: true, withFileTypes: true }).filter((file) =>
      file.isFile(),
    );
    for (const file of files)
      expect(readFileSync(join(file.parentPath, file.name)).includes('.tmp-'), file.name).toBe(false);
    expect(files.some((file) => file.name.startsWith('flawfinder') && file.name.endsWith('.pyc'))).toBe(true);

    const wrong: ToolsLock = withEntry(lock, 'flawfinder', 'pypi', tampered);
    const refused = provisioner({ lock: wrong, store });
    const again = await refused.provision(stage('flawfinder', { ...planned, digest: tampered.digest }));
    expect(again).toMatchObject({ ok: false });
    expect(refused.events.at(-1)).toMatchObject({ type: 'diagnostic', diagnostic: { code: 'SP4004' } });
    expect(readdirSync(join(store.root, 'flawfinder', 'pypi'))).toHaveLength(1);

    const from = { name: 'pypi', kind: 'pypi', package: 'flawfinder' } as const;
    const locked = await lockTool('flawfinder', from, '2.0.20', { store, lock, workspace: null });
    expect(locked.ok && locked.value).toEqual(entry);
  });
});
