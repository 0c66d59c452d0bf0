import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { compileManifest } from '../../../src/app/compile/compile-manifest.ts';
import { renderDiagnostics } from '../../../src/core/render-diagnostic.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'secplan-all-errors-'));
  mkdirSync(join(folder, '.git'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function compile(name: string, text: string, request = {}) {
  const path = join(folder, name);
  writeFileSync(path, text);
  const outcome = await compileManifest({ cwd: folder, ...request });
  rmSync(path);
  return outcome;
}

async function found(name: string, text: string, request = {}): Promise<string[]> {
  const { diagnostics } = await compile(name, text, request);
  return diagnostics
    .filter(({ level }) => level === 'error')
    .map(({ code, pointer = '-', place }) => `${place?.line ?? 0} ${code} ${pointer}`);
}

/** One error of each kind, each found by another phase. */
const MANIFEST = {
  apiVersion: 'secplan/v1',
  metadata: { name: 'shop', onwer: 'ann' },
  targets: { images: [{ name: 'one', archive: 'gone.tar' }], iac: [{ name: 'deploy', path: 'nowhere' }] },
  tools: {
    bandti: { timeout: '5m' },
    ruff: { retries: 99 },
    bandit: { provider: 'nobody' },
    'detect-secrets': { secrets: ['UNDECLARED'] },
    'trivy-image': { enabled: true },
  },
};
const EXPECTED = [
  'SP2001 /metadata/onwer',
  'SP2012 /targets/images/0/archive',
  'SP2012 /targets/iac/0/path',
  'SP2006 /tools/bandti',
  'SP2005 /tools/ruff/retries',
  'SP3004 /tools/bandit/provider',
  'SP2013 /tools/detect-secrets/secrets/0',
];

const LANGUAGES: readonly [string, string][] = [
  ['secplan.json', JSON.stringify(MANIFEST, null, 2)],
  ['secplan.yaml', stringify(MANIFEST)],
  ['secplan.cue', JSON.stringify(MANIFEST, null, 2)],
];

test.each(LANGUAGES)(
  'errors of schema, names, targets, secrets and providers come at once: %s',
  async (name, text) => {
    const lines = await found(name, text);
    expect(lines.map((line) => line.replace(/^[0-9]+ /, ''))).toEqual(EXPECTED);
    const numbers = lines.map((line) => Number(line.split(' ')[0]));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(Math.min(...numbers)).toBeGreaterThan(0);
  },
);

test('each error that has a place shows its line', async () => {
  const { diagnostics } = await compile(...(LANGUAGES[1] ?? ['', '']));
  for (const item of diagnostics) expect(item.source, item.summary).toBeDefined();
  expect(renderDiagnostics(diagnostics)).toContain(
    '  18 |     provider: nobody\n     |               ^^^^^^\n  value: nobody\n',
  );
});

test.each([
  // The name is known, whatever its value is worth.
  ['a secret of a wrong form', { secrets: { TOKEN: 'ghp_0' }, tools: { ruff: { secrets: ['TOKEN'] } } }],
  ['secrets of a wrong type', { secrets: [], tools: { ruff: { secrets: ['TOKEN'] } } }],
  [
    'a profile with an unknown key',
    { profiles: { pr: { extend: 'light' } }, policy: { budgets: { pr: {} } } },
  ],
  [
    'a custom tool with an unknown report',
    {
      tools: { custom: { mine: { command: ['x'], report: 'sraif' } } },
      policy: { coverage: { require: ['mine'] } },
    },
  ],
  [
    'a target without its path',
    {
      targets: { iac: [{ name: 'deploy' }, { name: 'other', path: '.' }] },
      policy: { budgets: { default: { perTarget: { deploy: { high: 0 } } } } },
    },
  ],
  [
    'a service without an image',
    {
      stack: { services: { web: { ports: ['x'] } } },
      targets: { http: [{ name: 'shop', service: 'web' }] },
    },
  ],
  [
    'a key that is nearly the right one',
    { secrts: { TOKEN: 'env:TOKEN' }, tools: { ruff: { secrets: ['TOKEN'] } } },
  ],
])('no error only follows from %s', async (_, parts) => {
  const manifest = { apiVersion: 'secplan/v1', metadata: { name: 'shop' }, ...parts };
  const lines = await found('secplan.json', JSON.stringify(manifest));
  expect(new Set(lines.map((line) => line.slice(2, 8))).size, lines.join('\n')).toBe(lines.length);
  expect(
    lines.every((line) => /SP200[1-5]|SP2015/.test(line)),
    lines.join('\n'),
  ).toBe(true);
  expect(lines.length).toBeGreaterThan(0);
});

test('places and pointers are those of the file, also behind an entry that was left out', async () => {
  const manifest = {
    apiVersion: 'secplan/v1',
    metadata: { name: 'shop' },
    targets: { iac: [{ name: 'bad' }, { name: 'gone', path: 'nowhere' }] },
  };
  expect(await found('secplan.json', JSON.stringify(manifest, null, 1))).toEqual([
    '8 SP2003 /targets/iac/0',
    '13 SP2012 /targets/iac/1/path',
  ]);
});

test('another version of the format is the only error', async () => {
  const manifest = { apiVersion: 'secplan/v2', metadata: { name: 'shop' }, tools: { bandti: {} } };
  expect(await found('secplan.json', JSON.stringify(manifest))).toEqual(['1 SP2019 /apiVersion']);
});

test('a bad lock is reported with the errors of the manifest', async () => {
  writeFileSync(join(folder, 'tools.lock.json'), '{');
  expect(await found('secplan.json', JSON.stringify(MANIFEST))).toEqual(
    expect.arrayContaining([expect.stringContaining('SP4001'), expect.stringContaining('SP2006')]),
  );
});

test('several parts replaced by junk never throw, and end in an error or a plan', async () => {
  const paths = [...pathsOf(MANIFEST)];
  const mutations = fc.array(fc.tuple(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 2 })), {
    minLength: 1,
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(mutations, async (changes) => {
      let manifest: unknown = MANIFEST;
      for (const [path, junk] of changes) manifest = replaced(manifest, path, junk);
      const outcome = await compile('secplan.json', JSON.stringify(manifest));
      expect(outcome.ok || outcome.diagnostics.some(({ level }) => level === 'error')).toBe(true);
    }),
    { numRuns: 60 },
  );
});

function* pathsOf(value: unknown, at: readonly string[] = []): Generator<readonly string[]> {
  yield at;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) yield* pathsOf(item, [...at, key]);
}

function replaced(value: unknown, [key, ...rest]: readonly string[], junk: unknown): unknown {
  if (key === undefined) return junk;
  if (typeof value !== 'object' || value === null) return value;
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[key] = replaced(copy[key], rest, junk);
  return copy;
}
