import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadManifest } from '../../../src/compiler/read/load.ts';
import { readWorkspaceFacts } from '../../../src/compiler/read/read.ts';
import { type ResolveRequest, resolve } from '../../../src/compiler/resolve/resolve.ts';
import { sortDiagnostics } from '../../../src/compiler/source/sort-diagnostics.ts';
import { fromCompose } from '../../../src/compiler/stack/from-compose.ts';
import { valueOrPartial } from '../../../src/core/outcome.ts';
import { renderDiagnostics } from '../../../src/core/render-diagnostic.ts';
import { fakeCatalogue } from '../../support/compiler-catalogue.ts';

const folder = fileURLToPath(new URL('../../../golden/diagnostics', import.meta.url));
const cases = readdirSync(folder).sort();
const update = process.env.UPDATE_GOLDEN === '1';

/** Loads and resolves the manifest of a case and renders what is said of it. */
async function rendered(name: string): Promise<string> {
  const cwd = join(folder, name);
  const manifestPath = readdirSync(cwd).find((file) => file.startsWith('manifest.')) ?? 'manifest';
  const options = existsSync(join(cwd, 'case.json'))
    ? (JSON.parse(readFileSync(join(cwd, 'case.json'), 'utf8')) as Partial<ResolveRequest>)
    : {};
  const loaded = await loadManifest({ cwd, manifestPath });
  const manifest = valueOrPartial(loaded);
  if (manifest === undefined) return renderDiagnostics(loaded.diagnostics);
  const facts = readWorkspaceFacts(cwd);
  const resolved = resolve(manifest, { catalogue: fakeCatalogue(), facts, fromCompose, ...options });
  const all = [...loaded.diagnostics, ...resolved.diagnostics];
  return renderDiagnostics(manifest.withLines(sortDiagnostics(all)));
}

test('the cases cover the three languages', () => {
  for (const language of ['json', 'yaml', 'cue']) {
    expect(cases.filter((name) => name.startsWith(`${language}-`)).length, language).toBeGreaterThanOrEqual(
      7,
    );
  }
});

test.each(cases)('diagnostics of %s', async (name) => {
  const golden = join(folder, name, 'expected.txt');
  const text = await rendered(name);
  expect(text, 'a case is a manifest with a fault').not.toBe('');
  for (const secret of ['hunter2', 's3cr3t', 'ghp_', 'BEGIN PRIVATE']) expect(text).not.toContain(secret);
  if (update) writeFileSync(golden, text);
  expect(existsSync(golden), `no golden: run with UPDATE_GOLDEN=1 and read ${golden}`).toBe(true);
  expect(text).toBe(readFileSync(golden, 'utf8'));
});
