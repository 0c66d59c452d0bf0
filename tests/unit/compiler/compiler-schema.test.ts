import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { generateManifest, withOptions } from '../../../scripts/gen-manifest.ts';
import { loadManifest } from '../../../src/compiler/read/load.ts';
import { renderDiagnostics } from '../../../src/core/render-diagnostic.ts';

interface Schema {
  readonly [key: string]: unknown;
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const schema = JSON.parse(readFileSync(join(root, 'schema/manifest.schema.json'), 'utf8')) as Schema;

/** Properties without a description, and objects that say nothing of further keys. */
function gaps(node: unknown, at = '#', found: string[] = []): string[] {
  if (typeof node !== 'object' || node === null) return found;
  const { type, properties, additionalProperties } = node as Schema;
  if (type === 'object' && additionalProperties === undefined) found.push(`${at} is open`);
  for (const [key, property] of Object.entries((properties ?? {}) as Record<string, Schema>)) {
    const ref = typeof property.$ref === 'string' ? property.$ref.replace('#/$defs/', '') : undefined;
    const defs = schema.$defs as Record<string, Schema>;
    const description = property.description ?? (ref === undefined ? undefined : defs[ref]?.description);
    if (typeof description !== 'string') found.push(`${at}/${key} has no description`);
  }
  for (const [key, child] of Object.entries(node)) if (key !== 'enum') gaps(child, `${at}/${key}`, found);
  return found;
}

test('every property is described and every object closed', () => {
  expect(gaps(schema)).toEqual([]);
});

test('the check bites', () => {
  const planted = { type: 'object', properties: { a: { type: 'string' } } };
  expect(gaps(planted)).toEqual(['# is open', '#/a has no description']);
});

test('what is generated from the schema is up to date', async () => {
  for (const [path, content] of Object.entries(await generateManifest())) {
    expect(readFileSync(join(root, path), 'utf8') === content, `${path}: run npm run gen`).toBe(true);
  }
});

test("a scanner's options are merged in under tools and under profiles", () => {
  const merged = withOptions(schema, { alpha: { type: 'object', additionalProperties: false } });
  const text = JSON.stringify(merged);
  expect(text.split('"#/$defs/options/alpha"')).toHaveLength(3);
  expect(JSON.stringify(schema)).not.toContain('alpha');
});

const examples = join(root, 'manifests/examples');
test.each(readdirSync(examples))('the manifest of example %s is valid', async (name) => {
  const loaded = await loadManifest({ cwd: join(examples, name) });
  expect(loaded.ok, renderDiagnostics(loaded.diagnostics)).toBe(true);
});
