import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cuePackageOf, cueSourcesAround } from '../../../src/compiler/read/cue-package.ts';
import { loadManifest } from '../../../src/compiler/read/load.ts';

const MANIFEST = 'package sec\n\napiVersion: "secplan/v1"\nmetadata: name: "shop"\n';
const POLICY = 'package sec\n\npolicy: budgets: default: {critical: 0, high: 0}\n';
let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'secplan-cue-')));
  mkdirSync(join(root, '.git'));
});
afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

async function load(cwd = root, workspace?: string) {
  const loaded = await loadManifest({ cwd, workspace });
  return loaded.ok
    ? {
        high: loaded.value.manifest.policy?.budgets?.default?.high,
        files: loaded.value.sources.map(({ path }) => path),
      }
    : loaded.diagnostics.map(({ code, place }) => `${code} ${place?.file}:${place?.line}`);
}

describe('a CUE manifest of a package', () => {
  it('is read with the other files of the package and no others', async () => {
    put('secplan.cue', MANIFEST);
    put('policy.cue', POLICY);
    put('other.cue', POLICY.replace('sec', 'other').replace('high: 0', 'high: 1'));
    put('none.cue', 'policy: budgets: default: high: 2\n');
    for (const name of ['x_test.cue', 'x_tool.cue', '_x.cue', '.x.cue'])
      put(name, POLICY.replace('high: 0', 'high: 3'));
    put('sub/policy.cue', POLICY.replace('high: 0', 'high: 4'));
    mkdirSync(join(root, 'folder.cue'));
    expect(await load()).toEqual({ high: 0, files: ['secplan.cue', 'policy.cue'] });
  });

  it('without a package clause is read alone', async () => {
    put('secplan.cue', MANIFEST.replace('package sec', ''));
    put('policy.cue', POLICY);
    expect(await load()).toEqual({ high: undefined, files: ['secplan.cue'] });
  });

  it('tells faults where they are, and conflicts of two files', async () => {
    put('secplan.cue', `${MANIFEST}policy: budgets: default: high: 5\n`);
    put('policy.cue', POLICY);
    expect(await load()).toEqual(['SP1008 policy.cue:3']);
    put('policy.cue', `${POLICY}policy: nothing: 1\n`.replace('high: 0', 'low: 0'));
    expect(await load()).toEqual(['SP2001 policy.cue:4']);
    put('policy.cue', 'package sec\n\n}{\n');
    expect(await load()).toEqual([expect.stringMatching(/^SP1006 policy.cue:3/)]);
  });

  it('in a module belongs to the same package in the folders above, if they are in the workspace', async () => {
    put('cue.mod/module.cue', 'module: "example.com/x"\nlanguage: version: "v0.9.0"\n');
    put('policy.cue', POLICY);
    put('services/api/secplan.cue', MANIFEST);
    const cwd = join(root, 'services/api');
    expect(await load(cwd, root)).toEqual({ high: 0, files: ['services/api/secplan.cue', 'policy.cue'] });
    expect(await load(cwd)).toEqual(['SP2011 ../../policy.cue:1']);
    put('policy.cue', POLICY.replace('sec', 'other'));
    expect(await load(cwd)).toEqual({ high: undefined, files: ['secplan.cue'] });
  });

  it('refuses a file of the package that is a link to outside of the workspace', async () => {
    mkdirSync(join(root, 'work'));
    put('work/secplan.cue', MANIFEST);
    put('policy.cue', POLICY);
    symlinkSync('../policy.cue', join(root, 'work/policy.cue'));
    expect(await load(join(root, 'work'))).toEqual(['SP2011 policy.cue:1']);
  });
});

it.each([
  ['package a', 'a'],
  ['\uFEFF// comment\n\n@if(x)\npackage a // more\n', 'a'],
  ['package _\n', undefined],
  ['x: "package a"', undefined],
  ['// package a\nx: 1', undefined],
  ['packages: 1', undefined],
])('the package of %j is %s', (text, name) => {
  expect(cuePackageOf(text)).toBe(name);
});

it('sources around a manifest lie in its folder and in those above', () => {
  const paths = ['a.cue', 'a/b.cue', 'a/b/c.cue', 'a/c/d.cue', 'ab/e.cue', 'a/b/x_test.cue', 'a/b/y.json'];
  expect(cueSourcesAround(paths, 'a/b/secplan.cue')).toEqual(['a.cue', 'a/b.cue', 'a/b/c.cue']);
});
