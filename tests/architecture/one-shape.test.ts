import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const src = fileURLToPath(new URL('../../src', import.meta.url));

/** What is written once, and how a second one by hand looks. */
const SHAPES = {
  'what may fail is a Result of core': {
    below: '',
    except: '',
    byHand: /\|\s*\{\s*readonly ok: (?:true|false)\b/,
  },
  'what a reader of a report gives is a Reading': {
    below: 'stages/',
    except: 'stages/formats/reading.ts',
    byHand: /Result<[^;]*\{ readonly failure: Failure \}\s*>/,
  },
  'the location of a finding comes from locationOf': {
    below: 'stages/',
    except: 'stages/formats/location.ts',
    byHand: /\bspan: \{/,
  },
};

function byHand(name: keyof typeof SHAPES, files: ReadonlyMap<string, string>): string[] {
  const shape = SHAPES[name];
  return [...files]
    .filter(
      ([path, text]) => path.startsWith(shape.below) && path !== shape.except && shape.byHand.test(text),
    )
    .map(([path]) => path);
}

const files = new Map(
  readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.includes('/cases/'))
    .map((path) => [path, readFileSync(join(src, path), 'utf8')] as const),
);

test.each(Object.keys(SHAPES) as (keyof typeof SHAPES)[])('%s', (name) => {
  expect(files.size).toBeGreaterThan(700);
  expect(byHand(name, files)).toEqual([]);
});

test.each<[keyof typeof SHAPES, string]>([
  [
    'what may fail is a Result of core',
    'type Found =\n  | { readonly ok: true; readonly value: number }\n  | { readonly ok: false; readonly why: string };',
  ],
  [
    'what may fail is a Result of core',
    'function f(): { readonly ok: true } | { readonly ok: false; readonly why: string } {}',
  ],
  [
    'what a reader of a report gives is a Reading',
    'type Lines = Result<{ readonly items: string[] }, { readonly failure: Failure }>;',
  ],
  [
    'the location of a finding comes from locationOf',
    '...(path === undefined ? {} : { span: { path, startLine } }),',
  ],
])('%s: one written out by hand is found', (name, text) => {
  expect(byHand(name, new Map([['stages/planted.ts', text]]))).toEqual(['stages/planted.ts']);
});
