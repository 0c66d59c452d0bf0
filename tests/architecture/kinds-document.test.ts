import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const DOCUMENT = read('docs/reference/not-checked.md');

/** The kinds of a union, as its type declares them. */
function declared(path: string): string[] {
  const kinds = read(path).matchAll(/readonly kind: '([a-z-]+)'/g);
  return [...new Set([...kinds].map(([, kind = '']) => kind))].sort();
}

/** The first column of the table below a heading. */
function documented(document: string, heading: string): string[] {
  const section = document.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\| `([a-z-]+)` /gm)].map(([, kind = '']) => kind).sort();
}

describe.each([
  ['Gaps', 'src/core/gap.ts'],
  ['Reasons', 'src/core/not-run.ts'],
  ['Notes', 'src/core/run-note.ts'],
])('docs/reference/not-checked.md, %s', (heading, path) => {
  it('has every kind, and no other', () => {
    expect(declared(path).length).toBeGreaterThan(2);
    expect(documented(DOCUMENT, heading)).toEqual(declared(path));
  });

  it('is caught with one missing', () => {
    const [first = ''] = declared(path);
    const fewer = DOCUMENT.replace(new RegExp(`^\\| \`${first}\`.*\\n`, 'm'), '');
    expect(documented(fewer, heading)).not.toEqual(declared(path));
  });
});
