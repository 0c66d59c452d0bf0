import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { catalogue } from '../../src/stages/catalogue.gen.ts';

const SRC = new URL('../../src/', import.meta.url).pathname;
const IDS = [...catalogue.keys()].join('|');
/** A value held against a scanner's id, on either side. Tables of names, as the built-in profiles are, compare nothing. */
const COMPARISON = new RegExp(
  `(?:[!=]==?|\\bcase)\\s*['"\`](?:${IDS})['"\`]|['"\`](?:${IDS})['"\`]\\s*[!=]==?`,
  'g',
);

function comparisons(text: string): readonly string[] {
  return text.match(COMPARISON) ?? [];
}

it('no file outside src/stages compares with the name of a scanner', () => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.ts') && !path.startsWith('stages/'),
  );
  expect(files.length).toBeGreaterThan(200);
  const found = files.flatMap((path) =>
    comparisons(readFileSync(join(SRC, path), 'utf8')).map((hit) => `${path}: ${hit}`),
  );
  expect(found).toEqual([]);
});

it.each([
  "if (stage.definition === 'custom') return;",
  'stage.definition !== "trivy-fs"',
  "'ruff' === tool.id",
  "switch (id) {\n  case 'cosign':",
])('one that did would be found: %s', (line) => {
  expect(comparisons(line)).toHaveLength(1);
});
