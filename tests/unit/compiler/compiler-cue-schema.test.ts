import { readFileSync } from 'node:fs';
import { exportCue } from '@secplan/cue';
import { expect, test } from 'vitest';
import { validateManifest } from '../../../src/compiler/validate/validate.gen.js';
import { BAD, GOOD } from '../../support/manifest-table.ts';

const schema = readFileSync(new URL('../../../schema/manifest.cue', import.meta.url), 'utf8');

/** Whether CUE takes a value as #Manifest: JSON is CUE, so the value stands as it is. */
async function cueAccepts(value: unknown): Promise<{ accepted: boolean; why: string }> {
  const manifest = `package secplan\nout: #Manifest & (${JSON.stringify(value)})\n`;
  const result = await exportCue({ 'manifest.cue': manifest, 'schema.cue': schema });
  if (result.ok) return { accepted: true, why: '' };
  expect(['invalid'], JSON.stringify(result)).toContain(result.reason);
  return { accepted: false, why: result.errors.map((error) => error.message).join('; ') };
}

test('the table is large enough', () => {
  expect(Object.keys(GOOD).length).toBeGreaterThanOrEqual(25);
  expect(Object.keys(BAD).length).toBeGreaterThanOrEqual(40);
});

test.each(Object.entries(GOOD))('JSON Schema and CUE accept: %s', async (_, value) => {
  expect(validateManifest(value), JSON.stringify(validateManifest.errors)).toBe(true);
  expect(await cueAccepts(value)).toEqual({ accepted: true, why: '' });
});

test.each(Object.entries(BAD))('JSON Schema and CUE reject: %s', async (_, value) => {
  expect(validateManifest(value)).toBe(false);
  expect((await cueAccepts(value)).accepted).toBe(false);
});
