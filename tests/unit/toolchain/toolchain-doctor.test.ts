import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { emptyLock, sealEntry, withEntry } from '../../../src/lock/lock.ts';
import type { LockedKind } from '../../../src/lock/lock-types.ts';
import type { PlannedProvider } from '../../../src/planner/ir/ir.ts';
import type { CatalogueEntry } from '../../../src/stages/contract/catalogue.ts';
import type { Provider } from '../../../src/stages/contract/provider.ts';
import { diagnose } from '../../../src/toolchain/doctor.ts';
import { listTools } from '../../../src/toolchain/list-tools.ts';
import { providerStatus } from '../../../src/toolchain/provider-state.ts';
import { openStore } from '../../../src/toolchain/shared/store.ts';

const root = mkdtempSync(join(tmpdir(), 'secplan-doctor-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const bin = join(root, 'bin');
mkdirSync(bin);
for (const name of ['go', 'demo']) {
  writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} 1.2"\n`, { mode: 0o755 });
}
const GO = { name: 'go', runtime: 'local', kind: 'go', package: 'a.b/demo', bin: 'demo' } as const;
const PATH_TOOL = { name: 'path', runtime: 'local', kind: 'path', package: 'demo', bin: 'demo' } as const;
const ENTRY = sealEntry({
  kind: 'go',
  package: 'a.b/demo',
  version: 'v1.0.0',
  packages: [{ name: 'a.b/demo', version: 'v1.0.0', hashes: [`h1:${'a'.repeat(43)}=`] }],
});
const view = {
  store: openStore(join(root, 'store')),
  lock: withEntry(emptyLock(), 'demo', 'go', ENTRY),
  env: { PATH: bin },
  workspace: null,
};

function planned(provider: Provider, digest: PlannedProvider['digest'] = null): PlannedProvider {
  return { provider, digest, version: null, steps: [] };
}

function examine(providers: readonly PlannedProvider[], more: object = {}) {
  return diagnose({
    ...view,
    stages: [{ tool: 'demo', definition: 'demo', providers }],
    cacheDir: join(root, 'none', 'deep'),
    probeSandbox: async () => ({ ok: true }),
    probeNetwork: async () => ({ ok: true }),
    limitsMemory: () => true,
    ...more,
  });
}

describe('providerStatus', () => {
  it.each<[string, object, Provider, string]>([
    ['pinned and go at hand', {}, GO, 'installable'],
    ['pinned without go', { env: { PATH: '/nonexistent' } }, GO, 'missing'],
    ['not pinned', { lock: emptyLock() }, GO, 'unpinned'],
    ['on PATH', {}, PATH_TOOL, 'on-path'],
    ['on PATH inside the workspace', { workspace: root }, PATH_TOOL, 'missing'],
    ['not on PATH', { env: {} }, PATH_TOOL, 'missing'],
  ])('%s', async (_, more, provider, state) => {
    expect(await providerStatus('demo', provider, { ...view, ...more })).toMatchObject({ state });
  });

  it('says installed only once it is', async () => {
    const store = openStore(join(root, 'store-2'));
    const there = { ...view, store };
    expect(await providerStatus('demo', GO, there)).toMatchObject({ state: 'installable' });
    const ref = { tool: 'demo', provider: 'go', version: ENTRY.version, digest: ENTRY.digest };
    await store.install(ref, async (dir) => {
      symlinkSync('/bin/sh', join(dir, 'demo'));
      return { ok: true, built: { executable: 'demo', mounts: [], env: {}, host: {} } };
    });
    expect(await providerStatus('demo', GO, there)).toMatchObject({ state: 'installed' });
  });

  it.each<LockedKind>(['pypi', 'npm', 'maven', 'debian', 'release'])(
    '%s without its installer is missing',
    async (kind) => {
      const entry = sealEntry({ ...ENTRY, kind, platform: { python: '9.9' }, files: {} });
      const lock = withEntry(emptyLock(), 'demo', kind, entry);
      const provider = { ...GO, name: kind, kind };
      const status = await providerStatus('demo', provider, { ...view, lock, env: { PATH: '/nonexistent' } });
      expect(status).toMatchObject({ state: 'missing', fix: expect.stringMatching(/\w/) });
    },
  );
});

describe('diagnose', () => {
  it('looks at the machine and at every planned tool, and creates nothing', async () => {
    const checks = await examine([planned(GO, ENTRY.digest), planned(PATH_TOOL)]);
    const byName = new Map(checks.map((item) => [item.name, item]));
    expect(byName.get('node')).toMatchObject({ ok: true, needed: true });
    expect(byName.get('go')).toMatchObject({ ok: true, needed: true, detail: `go 1.2 (${join(bin, 'go')})` });
    expect(byName.get('npm')).toMatchObject({ ok: false, needed: false });
    expect(byName.get('cache')).toMatchObject({ needed: true, detail: expect.stringContaining('GiB free') });
    expect(byName.get('tool demo')).toMatchObject({
      ok: true,
      detail: expect.stringContaining('installable from go'),
    });
    for (const item of checks)
      expect(item.ok ? item.fix === '' || item.name.startsWith('tool ') : item.fix !== '').toBe(true);
    expect(await view.store.list()).toEqual([]);
  });

  it('says what fails and what to do', async () => {
    const broken = await examine([planned(GO, ENTRY.digest)], {
      env: { PATH: '/nonexistent' },
      probeSandbox: async () => ({ ok: false, detail: 'no namespaces' }),
    });
    const failing = broken.filter((item) => item.needed && !item.ok).map((item) => item.name);
    expect(failing).toEqual(['sandbox', 'go', 'tool demo']);
    // Needed only where a stage has a network.
    const closed = { probeNetwork: async () => ({ ok: false, detail: 'nsenter is not installed' }) };
    const of = async (more: Parameters<typeof examine>[1]) =>
      (await examine([], { ...closed, ...more })).find(({ name }) => name === 'stage networks');
    expect(await of({})).toMatchObject({ ok: false, needed: false, fix: expect.stringContaining('nsenter') });
    const stage = { tool: 'demo', definition: 'demo', providers: [] };
    expect(await of({ stages: [{ ...stage, network: 'none' }] })).toMatchObject({ needed: false });
    expect(await of({ stages: [{ ...stage, network: 'stack' }] })).toMatchObject({ needed: true });
    const polled = await examine([], { limitsMemory: () => false });
    expect(polled.find(({ name }) => name === 'cgroup v2')).toMatchObject({
      ok: false,
      needed: false,
      detail: expect.stringContaining('polling'),
    });
    const none = await examine([planned({ ...GO, name: 'image', runtime: 'dagger', kind: 'image' })]);
    expect(none.at(-1)).toMatchObject({ name: 'tool demo', ok: false, fix: 'Use the dagger runtime.' });
  });
});

describe('listTools', () => {
  it('joins the catalogue with pins and their state, by id', async () => {
    const entry = (id: string): CatalogueEntry =>
      ({
        id,
        category: 'sast',
        tool: { name: id, homepage: 'h', license: 'MIT', status: 'archived' },
        providers: [GO, PATH_TOOL],
        requires: { target: 'source' },
        timeoutMs: 1000,
      }) as unknown as CatalogueEntry;
    const rows = await listTools(
      new Map([
        ['zed', entry('zed')],
        ['demo', entry('demo')],
      ]),
      view,
    );
    expect(rows.map((row) => row.id)).toEqual(['demo', 'zed']);
    expect(rows[0]).toMatchObject({
      archived: true,
      providers: [{ version: 'v1.0.0', state: 'installable' }, { state: 'on-path' }],
    });
    expect(rows[1]?.providers[0]).toMatchObject({ version: null, state: 'unpinned' });
  });
});
