import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFileLookup } from '../../../src/executor/inventory/file-lookup.ts';
import { compileGlobs } from '../../../src/executor/inventory/glob.ts';
import { globReach } from '../../../src/executor/inventory/glob-reach.ts';

const name = fc
  .array(fc.constantFrom('a', 'b', '.', '.py', '.b', 'Dockerfile', '[', '{', '\\', 'é', '*'), {
    minLength: 1,
    maxLength: 3,
  })
  .map((parts) => parts.join(''));
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
const part = fc.constantFrom(
  '**',
  '*',
  '?',
  'a',
  'b',
  '.py',
  '*.py',
  '{a,b}',
  '{a',
  '[ab]',
  '[!a].',
  '\\*',
  '.',
);
const level = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(''));
const glob = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'));

describe('file look-up', () => {
  test('leaves out no file that a glob matches, and keeps the order', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(path, { maxLength: 30 }),
        fc.array(fc.oneof(glob, path), { minLength: 1, maxLength: 3 }),
        (paths, globs) => {
          const files = paths.sort().map((each) => ({ path: each, size: 1, executable: false }));
          const matches = compileGlobs(globs);
          const all = files.filter((file) => matches(file.path));
          const rows = createFileLookup(files).candidates(globs) ?? [...files.keys()];
          expect(rows.flatMap((row) => files[row] ?? []).filter((file) => matches(file.path))).toEqual(all);
        },
      ),
      { numRuns: 5000 },
    );
  });

  test.each([
    [['packages/p1/**'], { prefixes: ['packages/p1'], kinds: [] }],
    [['**/*.py', '**/Dockerfile', 'a/b.txt'], { prefixes: ['a/b.txt'], kinds: ['.py', 'Dockerfile'] }],
    [['{src,lib}/**/*.{js,ts}'], { prefixes: ['lib', 'src'], kinds: [] }],
    [['**'], undefined],
    [['**/*.py', '**/Dockerfile*'], undefined],
  ])('bounds %j', (globs, reach) => {
    const found = globReach(globs);
    expect(found && { prefixes: [...found.prefixes].sort(), kinds: [...found.kinds].sort() }).toEqual(reach);
  });
});
