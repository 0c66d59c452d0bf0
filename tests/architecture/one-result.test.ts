import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const src = fileURLToPath(new URL('../../src', import.meta.url));
/** A union with `ok` written out by hand. */
const BY_HAND = /\|\s*\{\s*readonly ok: (?:true|false)\b/g;

function byHand(files: ReadonlyMap<string, string>): string[] {
  return [...files].flatMap(([path, text]) => [...text.matchAll(BY_HAND)].map(() => path));
}

test('what may fail is a Result of core, not a union of its own', () => {
  const files = new Map(
    readdirSync(src, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => [path, readFileSync(join(src, path), 'utf8')] as const),
  );
  expect(files.size).toBeGreaterThan(700);
  expect(byHand(files)).toEqual([]);
});

test.each([
  'type Found =\n  | { readonly ok: true; readonly value: number }\n  | { readonly ok: false; readonly why: string };',
  'function f(): { readonly ok: true } | { readonly ok: false; readonly why: string } {}',
])('one written out by hand is found: %s', (text) => {
  expect(byHand(new Map([['planted.ts', text]])).length).toBeGreaterThan(0);
});
