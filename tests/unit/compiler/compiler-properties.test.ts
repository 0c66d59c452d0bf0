import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { parseJson } from '../../../src/compiler/read/parse-json.ts';
import { parseYaml } from '../../../src/compiler/read/parse-yaml.ts';
import { scanJson } from '../../../src/compiler/read/scan-json.ts';
import { resolve } from '../../../src/compiler/resolve/resolve.ts';
import type { SourceTree } from '../../../src/compiler/source/source-tree.ts';
import { validate } from '../../../src/compiler/validate/validate.ts';
import { canonicalJson } from '../../../src/core/canonical.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import { renderDiagnostics } from '../../../src/core/render-diagnostic.ts';
import { fakeCatalogue } from '../../support/compiler-catalogue.ts';

// Ids of no real scanner: their options are open, whatever scanners there will be.
const catalogue = fakeCatalogue(['alpha', 'beta', 'gamma', 'ruff']);
const facts = { lookup: () => 'folder' as const };
const ids = [...catalogue.keys()];

const tool = fc.record(
  {
    enabled: fc.boolean(),
    timeout: fc.constantFrom('5m', '30s', '1h30m'),
    args: fc.array(fc.string({ unit: 'grapheme-ascii' })),
    options: fc.dictionary(
      fc.string({ unit: 'grapheme-ascii', minLength: 1 }),
      fc.jsonValue({ maxDepth: 2 }),
    ),
    severityMap: fc.dictionary(
      fc.string({ unit: 'grapheme-ascii', minLength: 1 }),
      fc.constantFrom('high', 'low'),
    ),
  },
  { requiredKeys: [] },
);
const manifests = fc.record(
  {
    apiVersion: fc.constant('secplan/v1'),
    metadata: fc.record({
      name: fc.constantFrom('shop', 'a.b'),
      description: fc.string({ unit: 'grapheme' }),
    }),
    tools: fc.dictionary(fc.constantFrom(...ids.filter((id) => id !== 'ruff')), tool),
    policy: fc.record({
      budgets: fc.dictionary(
        fc.constantFrom('default', 'light'),
        fc.record({ high: fc.nat(9), low: fc.nat(9) }),
      ),
    }),
    profiles: fc.dictionary(
      fc.constantFrom('pr', 'light'),
      fc.record({ extends: fc.constant('smoke'), sla: fc.constant('5m') }),
    ),
  },
  { requiredKeys: ['apiVersion', 'metadata'] },
);

/** The same value with the keys of every mapping in reverse. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  );
}

function modelOf(parsed: Outcome<SourceTree>): string {
  if (!parsed.ok) return renderDiagnostics(parsed.diagnostics);
  const manifest = validate(parsed.value);
  if (!manifest.ok) return renderDiagnostics(manifest.diagnostics);
  const { place, keyPlace } = parsed.value;
  const model = resolve({ manifest: manifest.value, place, keyPlace }, { catalogue, facts });
  return model.ok ? canonicalJson(model.value) : renderDiagnostics(model.diagnostics);
}

test('key order, white space and language do not change the model', () => {
  fc.assert(
    fc.property(manifests, fc.constantFrom(0, 2, '\t'), (manifest, space) => {
      const plain = modelOf(parseJson('m.json', JSON.stringify(manifest)));
      expect(plain).toMatch(/^\{"cache"/);
      expect(modelOf(parseJson('m.json', `\n ${JSON.stringify(reversed(manifest), null, space)} `))).toBe(
        plain,
      );
      expect(modelOf(parseYaml('m.yaml', stringify(manifest)))).toBe(plain);
      expect(modelOf(parseYaml('m.yaml', JSON.stringify(reversed(manifest))))).toBe(plain);
    }),
    { numRuns: 300 },
  );
});

test('a changed value changes the model', () => {
  const manifest = {
    apiVersion: 'secplan/v1',
    metadata: { name: 'shop' },
    tools: { alpha: { timeout: '5m', enabled: true } },
  };
  const changed = structuredClone(manifest);
  changed.tools.alpha.timeout = '6m';
  const [a, b] = [manifest, changed].map((value) => modelOf(parseJson('m.json', JSON.stringify(value))));
  expect(a).not.toBe(b);
});

test('the JSON reader accepts and rejects what the engine does', () => {
  const json = fc
    .json()
    .chain((text) =>
      fc.tuple(
        fc.constant(text),
        fc.nat(text.length),
        fc.constantFrom('', ',', '"', '}', '[', '0', '\\', ' ', '\u0001'),
      ),
    );
  fc.assert(
    fc.property(json, ([text, at, extra]) => {
      const broken = text.slice(0, at) + extra + text.slice(at + 1);
      for (const candidate of [text, broken]) {
        const faults = scanJson(candidate).filter((fault) => fault.code === 'SP1006');
        let engine = true;
        try {
          JSON.parse(candidate);
        } catch {
          engine = false;
        }
        expect(faults.length === 0, candidate).toBe(engine);
      }
    }),
    { numRuns: 2000 },
  );
});

test('junk never throws, and every rejection has an error', () => {
  const junk = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom(
        '[',
        ']',
        '{',
        '}',
        ':',
        ',',
        '"',
        '&a ',
        '*a ',
        '- ',
        '\n',
        '  ',
        '? ',
        '|',
        '!',
        '#',
        'x',
      ),
    }),
    fc.json(),
    fc.anything().map((value) => JSON.stringify(value) ?? ''),
  );
  fc.assert(
    fc.property(junk, (text) => {
      for (const parsed of [parseJson('m.json', text), parseYaml('m.yaml', text)]) {
        const said = modelOf(parsed);
        expect(said.length).toBeGreaterThan(0);
        if (!parsed.ok) expect(parsed.diagnostics.length).toBeGreaterThan(0);
      }
    }),
    { numRuns: 2000 },
  );
});

test('a manifest with any part replaced by junk never throws', () => {
  const base = {
    apiVersion: 'secplan/v1',
    metadata: { name: 'shop' },
    targets: { source: { path: '.' }, images: [{ name: 'a', ref: 'b' }] },
    tools: { alpha: { network: 'none' }, custom: { mine: { command: ['x'], report: 'sarif' } } },
    policy: { waivers: [{ match: { rule: 'x' }, reason: 'r', owner: 'o', expires: '2027-01-01' }] },
    secrets: { A: 'env:A' },
  };
  const paths = [...pathsOf(base)];
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 3 }), (path, junk) => {
      const said = modelOf(parseJson('m.json', JSON.stringify(replaced(base, path, junk))));
      expect(said.length).toBeGreaterThan(0);
    }),
    { numRuns: 1000 },
  );
});

function* pathsOf(value: unknown, at: readonly string[] = []): Generator<readonly string[]> {
  yield at;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) yield* pathsOf(item, [...at, key]);
}

function replaced(value: unknown, path: readonly string[], junk: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return junk;
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[key] = replaced(copy[key], rest, junk);
  return copy;
}
