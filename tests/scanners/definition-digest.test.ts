import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { definitionDigests } from '../../scripts/definition-digest.ts';
import { catalogue } from '../../src/stages/catalogue.gen.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
/** One reads JSON, the other lines of text; neither reads YAML. */
const IDS = ['bandit', 'zzuf'] as const;

let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'secplan-digest-'));
  cpSync(join(ROOT, 'src'), join(copy, 'src'), {
    recursive: true,
    filter: (path) => !path.includes('/cases'),
  });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

async function digests() {
  return definitionDigests(new Map(IDS.map((id) => [id, join(copy, 'src/stages', id)])));
}

/** The scanners whose digest is another one while a file has this edit. */
async function changedBy(path: string, edit: (text: string) => string): Promise<string[]> {
  const file = join(copy, 'src', path);
  const [before, text] = [await digests(), readFileSync(file, 'utf8')];
  const edited = edit(text);
  expect(edited).not.toBe(text);
  writeFileSync(file, edited);
  const after = await digests();
  writeFileSync(file, text);
  return IDS.filter((id) => before.get(id) !== after.get(id));
}

it('is the same in a copy at another place as in the catalogue', async () => {
  for (const [id, made] of await digests()) expect(made).toBe(catalogue.get(id)?.definitionDigest);
});

const comment = (text: string) =>
  `// A comment.\n${text.replaceAll(/^\/\*\* /gm, '/** Edited: ')}\n\n// And one more.\n`;

it.each([
  'stages/bandit/stage.ts',
  'stages/bandit/command.ts',
  'stages/bandit/report.ts',
  'stages/formats/json-report.ts',
  'stages/formats/sarif.ts',
  'core/is-record.ts',
])('is not changed by a comment in %s', async (path) => {
  expect(await changedBy(path, comment)).toEqual([]);
});

it('is not changed by a type, nor by another form of the same text', async () => {
  const edit = (text: string) => `export type Planted = 1;\n${text.replaceAll('\n  ', '\n      ')}`;
  expect(await changedBy('stages/bandit/command.ts', edit)).toEqual([]);
});

it('is not changed by a reader that the scanner does not import', async () => {
  const edit = (text: string) => text.replace('return ', 'if (Math.PI < 3) throw new Error();\n  return ');
  expect(await changedBy('stages/formats/yaml-report.ts', edit)).toEqual([]);
  expect(await changedBy('stages/families/trivy/trivy-report.ts', edit)).toEqual([]);
});

it('is changed by a reader that it imports, and by what that imports', async () => {
  const reader = (text: string) => text.replace('report-malformed', 'report-empty');
  expect(await changedBy('stages/formats/json-report.ts', reader)).toEqual(['bandit']);
  const leaf = (text: string) => text.replace('!== null', '!== undefined');
  expect(await changedBy('core/is-record.ts', leaf)).toEqual(['bandit']);
});

it.each([
  ['stage.ts', "severities: { high: 'high'", "severities: { high: 'low'"],
  ['command.ts', "'--ignore-nosec'", "'--other'"],
  ['report.ts', 'Bandit', 'Other'],
])('is changed by an edit of its own %s', async (file, from, to) => {
  expect(await changedBy(`stages/bandit/${file}`, (text) => text.replaceAll(from, to))).toEqual(['bandit']);
});
