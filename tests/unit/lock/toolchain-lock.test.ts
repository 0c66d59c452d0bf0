import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, it } from 'vitest';
import { overlayLock, sealEntry, serializeLock, withEntry } from '../../../src/lock/lock.ts';
import type { LockedProvider, ToolsLock } from '../../../src/lock/lock-types.ts';
import { packagedLockPath, parseLock, readLock, readLocks } from '../../../src/lock/read-lock.ts';
import { catalogue } from '../../../src/stages/catalogue.gen.ts';
import { parseRequirements } from '../../../src/toolchain/resolve/pypi.ts';

const scratch = mkdtempSync(join(tmpdir(), 'secplan-lock-test-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const HASH = `sha256:${'a'.repeat(64)}`;
const ENTRY = sealEntry({
  kind: 'pypi',
  package: 'flawfinder',
  version: '2.0.20',
  packages: [{ name: 'flawfinder', version: '2.0.20', hashes: [HASH] }],
  platform: { python: '3.11' },
});
const LOCK: ToolsLock = {
  schema: 'https://secplan.dev/schema/tools-lock/v1',
  tools: { flawfinder: { pypi: ENTRY } },
};

const MODULE = {
  kind: 'go',
  fromModule: true,
  packages: [{ name: 'a.b/c', version: 'v1.0.0', hashes: [`h1:${'A'.repeat(43)}=`] }],
};

function variant(change: (entry: Record<string, unknown>) => void): string {
  const { digest: _, ...entry } = structuredClone(ENTRY) as LockedProvider & Record<string, unknown>;
  change(entry);
  // Sealed anew, so that only the planted fault is at fault.
  const sealed = { ...entry, digest: sealEntry(entry as never).digest };
  return JSON.stringify({ ...LOCK, tools: { flawfinder: { pypi: sealed } } });
}

describe('the lock that ships', () => {
  const text = readFileSync(packagedLockPath(), 'utf8');
  const outcome = parseLock(text, 'tools.lock.json');

  it('is valid, and the schema agrees', () => {
    expect(outcome.ok).toBe(true);
    const schema = JSON.parse(
      readFileSync(new URL('../../../schema/tools-lock.schema.json', import.meta.url), 'utf8'),
    );
    const validate = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false }).compile(schema);
    expect(validate(JSON.parse(text)), JSON.stringify(validate.errors)).toBe(true);
    const broken = JSON.parse(text);
    broken.tools.ruff.pypi.packages[0].hashes = ['md5:0'];
    expect(validate(broken)).toBe(false);
  });

  it('is written as it is serialised', () => {
    expect(outcome.ok && serializeLock(outcome.value)).toBe(text);
  });

  it('pins the tools of the light and standard profiles, and names no host but where projects publish their releases', () => {
    const tools = outcome.ok ? Object.keys(outcome.value.tools) : [];
    const wanted = 'bandit checkov detect-secrets flawfinder gitleaks opengrep presidio ruff syft trivy-fs';
    expect(tools).toEqual(expect.arrayContaining(wanted.split(' ')));
    expect(outcome.ok && outcome.value.installers?.uv?.packages).toHaveLength(1);
    const releases =
      /"url": "https:\/\/(github\.com\/[\w.-]+\/[\w.-]+\/releases\/download|download\.falco\.org)\//g;
    expect(text.replace(/"schema": "[^"]+"/, '').replace(releases, '')).not.toMatch(/https?:\/\//);
  });
});

describe('parseLock', () => {
  it.each<[string, string | (() => string), RegExp]>([
    ['not JSON', '{', /JSON/],
    ['another schema', JSON.stringify({ ...LOCK, schema: 'x' }), /schema is not/],
    ['an unknown key', JSON.stringify({ ...LOCK, tool: {} }), /unknown key tool/],
    ['a changed hash', JSON.stringify(LOCK).replace(HASH, `sha256:${'b'.repeat(64)}`), /not the digest/],
    [
      'a hash of another kind',
      () => variant((entry) => Object.assign(entry, { kind: 'npm' })),
      /packages\.0/,
    ],
    [
      'no hashes',
      () => variant((entry) => (entry.packages as { hashes: string[] }[])[0]?.hashes.splice(0)),
      /packages\.0/,
    ],
    ['no packages', () => variant((entry) => Object.assign(entry, { packages: [] })), /is empty/],
    [
      'a package that is an option',
      () => variant((entry) => Object.assign(entry, { package: '--index=x' })),
      /package name/,
    ],
    [
      'a marker that smuggles a line',
      () =>
        variant((entry) =>
          Object.assign((entry.packages as object[])[0] ?? {}, { marker: 'x\n--index-url y' }),
        ),
      /packages\.0/,
    ],
    [
      'a release over http',
      () =>
        variant((entry) =>
          Object.assign(entry, {
            kind: 'release',
            files: { 'linux-x64': { url: 'http://h/f', sha256: 'a'.repeat(64) } },
          }),
        ),
      /https URL/,
    ],
    [
      'an npm path that climbs',
      () =>
        variant((entry) =>
          Object.assign(entry, {
            kind: 'npm',
            packages: [
              {
                name: 'x',
                version: '1',
                hashes: [`sha512-${'a'.repeat(86)}==`],
                path: 'node_modules/../../x',
              },
            ],
          }),
        ),
      /packages\.0/,
    ],
    [
      'a folder to keep of no module',
      () => variant((entry) => Object.assign(entry, { keep: ['a'] })),
      /keep goes/,
    ],
    [
      'a build in its module of what is no Go program',
      () => variant((entry) => Object.assign(entry, { fromModule: true })),
      /fromModule goes with go/,
    ],
    [
      'a folder to keep that climbs',
      () => variant((entry) => Object.assign(entry, { ...MODULE, keep: ['assets/../../bin'] })),
      /keep is not a list/,
    ],
    [
      'an empty list of folders to keep',
      () => variant((entry) => Object.assign(entry, { ...MODULE, keep: [] })),
      /keep is no/,
    ],
  ])('refuses %s', (_, text, message) => {
    const outcome = parseLock(typeof text === 'string' ? text : text(), 'tools.lock.json');
    expect(outcome.ok).toBe(false);
    expect(outcome.diagnostics[0]?.code).toBe('SP4001');
    expect(outcome.diagnostics.map((item) => item.summary).join()).toMatch(message);
  });

  it('takes the sound one', () => {
    const module = variant((entry) => Object.assign(entry, { ...MODULE, keep: ['assets/queries', 'x-1.0'] }));
    expect(parseLock(module, 'tools.lock.json').ok).toBe(true);
    expect(parseLock(JSON.stringify(LOCK), 'x')).toMatchObject({ ok: true, value: LOCK });
    expect(
      parseLock(
        variant(() => undefined),
        'x',
      ).ok,
    ).toBe(true);
  });
});

describe('locks together', () => {
  it('gives equal bytes for equal content, whatever the order', () => {
    const other = sealEntry({ ...ENTRY, package: 'zz' });
    const a = withEntry(withEntry(LOCK, 'b', 'pypi', other), 'a', 'pypi', ENTRY);
    const b = withEntry(withEntry(LOCK, 'a', 'pypi', ENTRY), 'b', 'pypi', other);
    expect(serializeLock(a)).toBe(serializeLock(b));
    expect(parseLock(serializeLock(a), 'x').ok).toBe(true);
  });

  it("takes a tool whole from the workspace's lock and the rest from the package's", () => {
    const own = { ...LOCK, tools: { flawfinder: { debian: ENTRY } } };
    const both = overlayLock({ ...LOCK, tools: { ...LOCK.tools, ruff: { pypi: ENTRY } } }, own);
    expect(Object.keys(both.tools.flawfinder ?? {})).toEqual(['debian']);
    expect(Object.keys(both.tools)).toEqual(['flawfinder', 'ruff']);
  });

  it('reads the one beside the manifest, and refuses a bad one instead of passing over it', () => {
    expect(readLock(join(scratch, 'none.json'))).toMatchObject({ ok: true, value: undefined });
    const before = readLocks(scratch);
    expect(before.ok && before.value.tools.ruff).toBeDefined();
    writeFileSync(join(scratch, 'tools.lock.json'), JSON.stringify(LOCK));
    const after = readLocks(scratch);
    expect(after.ok && after.value.tools.flawfinder?.pypi?.digest).toBe(ENTRY.digest);
    writeFileSync(join(scratch, 'tools.lock.json'), '{}');
    expect(readLocks(scratch)).toMatchObject({ ok: false });
  });
});

describe('parseRequirements', () => {
  it('reads versions, markers and hashes', () => {
    const text = `a==1.0 \\\n    --hash=${HASH} \\\n    --hash=sha256:${'b'.repeat(64)}\nb[x]==2 ; sys_platform == 'win32' \\\n    --hash=${HASH}\n`;
    expect(parseRequirements(text)).toEqual([
      { name: 'a', version: '1.0', hashes: [HASH, `sha256:${'b'.repeat(64)}`] },
      { name: 'b', version: '2', hashes: [HASH], marker: "sys_platform == 'win32'" },
    ]);
  });

  it('passes over a line without a hash, so that such a package is never locked', () => {
    expect(parseRequirements('a==1.0\n')).toEqual([]);
  });
});

describe('the lock and the catalogue', () => {
  const outcome = readLock(packagedLockPath());
  const tools = Object.entries((outcome.ok ? outcome.value?.tools : undefined) ?? {});

  it.each(tools.filter(([tool]) => catalogue.has(tool)))('agree on %s', (tool, providers) => {
    for (const [name, entry] of Object.entries(providers)) {
      const provider = catalogue.get(tool)?.providers.find((item) => item.name === name);
      expect(provider).toMatchObject({ kind: entry.kind, package: entry.package });
    }
  });
});
