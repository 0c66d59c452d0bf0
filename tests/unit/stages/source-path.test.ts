import { describe, expect, it } from 'vitest';
import { isSourcePath, sourcePath } from '../../../src/stages/contract/source-path.ts';

describe('sourcePath', () => {
  it.each([
    ['/src', 'a.py', 'a.py'],
    ['/src', './a//b/../c.py', 'a/c.py'],
    ['/src', '/src/a.py', 'a.py'],
    ['/src/', '/src//a.py', 'a.py'],
    ['/', '/a/b.py', 'a/b.py'],
    ['/src', 'file:///src/a%20b.py', 'a b.py'],
    ['/src', 'file://localhost/src/a.py', 'a.py'],
    ['/src', 'file:a.py', 'a.py'],
    ['/src', 'a:b.py', 'a:b.py'],
    ['/src', '__proto__', '__proto__'],
  ])('below %s, %s is %s', (root, written, path) => {
    expect(sourcePath(root, written)).toBe(path);
  });

  it.each([
    ['nothing', ''],
    ['the root itself', '/src'],
    ['the root itself, as a folder', '.'],
    ['another place', '/etc/passwd'],
    ['a folder whose name begins alike', '/srcs/a.py'],
    ['a path that leaves the folder', '../a.py'],
    ['a path that leaves the folder and comes back', '../src/a.py'],
    ['an absolute path that leaves the folder', '/src/../etc/passwd'],
    ['an encoded path that leaves the folder', 'file:///src/%2e%2e/etc/passwd'],
    ['a NUL', 'a\0.py'],
    ['an encoded NUL', 'file:///src/a%00.py'],
    ['a URI that does not decode', 'file:///src/%E0%A4%A'],
    ['a file of another machine', 'file://host/src/a.py'],
    ['what is no file', 'https://example.org/src/a.py'],
  ])('%s has no path', (_, written) => {
    expect(sourcePath('/src', written)).toBeUndefined();
  });
});

describe('isSourcePath', () => {
  it.each(['a.py', 'a/b c.py', '...'])('%s is one', (path) => expect(isSourcePath(path)).toBe(true));
  it.each(['', '.', '/a.py', './a.py', 'a//b', 'a/', '../a', 'a\0', 'file:a.py'])('%j is none', (path) =>
    expect(isSourcePath(path)).toBe(false),
  );
});
