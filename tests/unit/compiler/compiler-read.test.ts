import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { builtInManifest, loadManifest } from '../../../src/compiler/read/load.ts';
import { parseSource } from '../../../src/compiler/read/parse-source.ts';
import { type ReadRequest, readManifest, readWorkspaceFacts } from '../../../src/compiler/read/read.ts';
import { validateManifest } from '../../../src/compiler/validate/validate.gen.js';
import { checkPolicyFile } from '../../../src/compiler/validate/validate.ts';

const YAML = 'apiVersion: secplan/v1\nmetadata: {name: shop}\n';
const JSON_TEXT = '{"metadata":{"name":"shop"},"apiVersion":"secplan/v1"}';
const CUE = 'apiVersion: "secplan/v1"\nmetadata: name: "shop"\n';
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'secplan-read-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const put = (path: string, text: string | Uint8Array) => writeFileSync(join(root, path), text);
function code(request: Partial<ReadRequest> = {}): string {
  const result = readManifest({ cwd: root, ...request });
  return result.ok ? result.value.manifestPath : result.diagnostics.map((found) => found.code).join();
}

test('looks in the working folder, then in each parent up to the git root', () => {
  mkdirSync(join(root, 'repo/.git'), { recursive: true });
  mkdirSync(join(root, 'repo/a/b'), { recursive: true });
  put('secplan.json', JSON_TEXT);
  const cwd = join(root, 'repo/a/b');
  expect(code({ cwd })).toBe('SP1001');
  put('repo/secplan.yaml', YAML);
  expect(readManifest({ cwd })).toMatchObject({
    value: { workspace: join(root, 'repo'), manifestPath: 'secplan.yaml' },
  });
  put('repo/a/b/secplan.yml', YAML);
  expect(readManifest({ cwd })).toMatchObject({ value: { workspace: cwd, manifestPath: 'secplan.yml' } });
});

test('without a repository only the working folder counts: a stranger may own the parent', () => {
  mkdirSync(join(root, 'a'));
  put('secplan.json', JSON_TEXT);
  expect(code({ cwd: join(root, 'a') })).toBe('SP1001');
});

test('two in one folder, unless one is named', () => {
  put('secplan.json', JSON_TEXT);
  put('secplan.cue', CUE);
  expect(code()).toBe('SP1002');
  expect(code({ manifestPath: 'secplan.json' })).toBe('secplan.json');
});

test('the workspace is the folder of the manifest, or --workspace', () => {
  mkdirSync(join(root, 'ci'));
  mkdirSync(join(root, 'src'));
  put('ci/scan.yaml', YAML);
  const named = { cwd: root, manifestPath: 'ci/scan.yaml' };
  expect(readManifest(named)).toMatchObject({
    value: { workspace: join(root, 'ci'), manifestPath: 'scan.yaml' },
  });
  expect(readManifest({ ...named, workspace: 'src' })).toMatchObject({
    value: { workspace: join(root, 'src'), manifestPath: '../ci/scan.yaml' },
  });
  expect(code({ ...named, workspace: 'nowhere' })).toBe('SP1001');
});

test('what is no regular file of at most 5 MB of UTF-8 is refused, without waiting', () => {
  mkdirSync(join(root, 'secplan.yaml'));
  expect(code()).toBe('SP1010');
  execFileSync('mkfifo', [join(root, 'pipe.json')]);
  expect(code({ manifestPath: 'pipe.json' })).toBe('SP1010');
  put('big.json', '');
  truncateSync(join(root, 'big.json'), 2 ** 31);
  expect(code({ manifestPath: 'big.json' })).toBe('SP1003');
  put('latin.json', Uint8Array.of(0x22, 0xe9, 0x22));
  expect(code({ manifestPath: 'latin.json' })).toBe('SP1010');
  put('note.txt', YAML);
  expect(code({ manifestPath: 'note.txt' })).toBe('SP1010');
  expect(code({ manifestPath: 'nowhere.json' })).toBe('SP1001');
});

test('a manifest that was found may not be a link to outside', () => {
  mkdirSync(join(root, 'repo/.git'), { recursive: true });
  put('other.yaml', YAML);
  symlinkSync('../other.yaml', join(root, 'repo/secplan.yaml'));
  expect(code({ cwd: join(root, 'repo') })).toBe('SP2011');
});

test('facts of paths follow links and see where they lead', () => {
  mkdirSync(join(root, 'ws/in'), { recursive: true });
  put('ws/file', '');
  put('secret', '');
  symlinkSync('../secret', join(root, 'ws/out'));
  symlinkSync('..', join(root, 'ws/up'));
  symlinkSync('in', join(root, 'ws/link'));
  const facts = readWorkspaceFacts(join(root, 'ws'));
  expect(
    ['.', 'in', 'file', 'link', 'out', 'up', 'up/secret', 'no'].map((path) => facts.lookup(path)),
  ).toEqual(['folder', 'folder', 'file', 'folder', 'outside', 'outside', 'outside', 'missing']);
});

test('the digest is that of the content: the same in three languages, with and without a byte order mark', async () => {
  const digests = new Set<string>();
  for (const [name, text] of [
    ['a.yaml', YAML],
    ['b.json', JSON_TEXT],
    ['c.cue', CUE],
    ['d.json', `\ufeff${JSON_TEXT}`],
  ] as const) {
    put(name, text);
    const loaded = await loadManifest({ cwd: root, manifestPath: name });
    expect(loaded.ok, name).toBe(true);
    if (loaded.ok) digests.add(loaded.value.digest);
  }
  expect(digests.size).toBe(1);
});

test('places in the three languages', async () => {
  put('a.yaml', 'metadata:\n  name: shop\napiVersion: secplan/v1\n');
  put('b.json', '{\n  "metadata": {"name": "shop"},\n  "apiVersion": "secplan/v1" }');
  put('c.cue', 'metadata: {\n\tname: "shop"\n}\napiVersion: "secplan/v1"\n');
  const expected = { 'a.yaml': ['2:9', '2:3'], 'b.json': ['2:24', '2:16'], 'c.cue': ['2:8', '2:2'] };
  for (const [name, places] of Object.entries(expected)) {
    const loaded = await loadManifest({ cwd: root, manifestPath: name });
    if (!loaded.ok) throw new Error(name);
    const found = [loaded.value.place('/metadata/name'), loaded.value.keyPlace('/metadata/name')];
    expect(
      found.map((place) => `${place?.line}:${place?.column}`),
      name,
    ).toEqual(places);
    expect(loaded.value.place('/metadata/nothing')?.line ?? 0, name).toBeLessThan(3);
  }
});

test('a policy file is one set of budgets', async () => {
  const read = async (file: string, text: string) => {
    const tree = await parseSource(file.endsWith('.json') ? 'json' : 'yaml', file, text);
    return tree.ok ? checkPolicyFile(tree.value) : tree;
  };
  expect(await read('b.yaml', 'high: 3\nperTool: {ruff: {low: 1}}\n')).toMatchObject({
    ok: true,
    value: { high: 3 },
  });
  expect(await read('wrong.json', '{"hgih": 3}')).toMatchObject({
    ok: false,
    diagnostics: [{ code: 'SP2001', didYouMean: 'high', place: { file: 'wrong.json', line: 1, column: 2 } }],
  });
});

test('the built-in manifest is valid', () => {
  expect(validateManifest(builtInManifest(root).manifest)).toBe(true);
});
