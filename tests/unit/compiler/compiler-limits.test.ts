import { expect, test } from 'vitest';
import { parseCue } from '../../../src/compiler/read/parse-cue.ts';
import { parseJson } from '../../../src/compiler/read/parse-json.ts';
import { parseYaml } from '../../../src/compiler/read/parse-yaml.ts';
import { isDay, parseDuration, parseSize } from '../../../src/compiler/source/units.ts';
import { validate } from '../../../src/compiler/validate/validate.ts';
import { didYouMean } from '../../../src/core/did-you-mean.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import { renderDiagnostic } from '../../../src/core/render-diagnostic.ts';

const codes = (result: Outcome<unknown>) => [...new Set(result.diagnostics.map((found) => found.code))];
const yaml = (text: string) => codes(parseYaml('m.yaml', text));
const json = (text: string) => codes(parseJson('m.json', text));

test('64 levels are read, 65 are not', () => {
  const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  expect(json(nested(64))).toEqual([]);
  expect(json(nested(65))).toEqual(['SP1004']);
  expect(yaml(nested(64))).toEqual([]);
  expect(yaml(nested(65))).toEqual(['SP1004']);
});

test.each(['[', '{"a":', '{a: ', '- ', '? ', '[{'])(
  '100,000 times %j is an error, not an overflow',
  (opener) => {
    expect(yaml(opener.repeat(100_000))).toEqual(['SP1004']);
    expect(['SP1004', 'SP1006']).toContain(json(opener.repeat(100_000))[0]);
  },
);

test('depth hidden behind aliases and in CUE counts too', async () => {
  const deep = (levels: number, inner: string) => `${'['.repeat(levels)}${inner}${']'.repeat(levels)}`;
  expect(yaml(`a: &a ${deep(40, '')}\nb: ${deep(20, '*a')}`)).toEqual([]);
  expect(yaml(`a: &a ${deep(40, '')}\nb: ${deep(40, '*a')}`)).toEqual(['SP1004']);
  const cue = await parseCue('m.cue', { 'm.cue': `x: ${'['.repeat(70)}${']'.repeat(70)}` });
  if (!cue.ok) throw new Error('CUE reads 70 levels');
  expect(codes(validate(cue.value))).toEqual(['SP1004']);
});

test('100 aliases are resolved, 101 are not, however few are written', () => {
  const list = (count: number) => `a: &a 1\nb: [${'*a,'.repeat(count)}]`;
  expect(yaml(list(100))).toEqual([]);
  expect(yaml(list(101))).toEqual(['SP1005']);
  const squared = `a: &a 1\nb: &b [${'*a,'.repeat(20)}]\nc: [${'*b,'.repeat(20)}]`;
  expect(yaml(squared)).toEqual(['SP1005']);
  const wide = `a: &a [${'1,'.repeat(20_000)}]\nb: [${'*a,'.repeat(50)}]`;
  expect(yaml(wide)).toEqual(['SP1005']);
});

test('an anchor that is set again counts for the aliases after it', () => {
  const parsed = parseYaml('m.yaml', 'a: &x 1\nb: *x\nc: &x 2\nd: *x\n');
  expect(parsed).toMatchObject({ ok: true, value: { value: { a: 1, b: 1, c: 2, d: 2 } } });
});

test('keys are text, and one that appears twice is seen in any spelling', () => {
  expect(yaml('1: a\n"1": b\n')).toEqual(['SP1007']);
  expect(yaml('{a: 1, b: {c: 1, c: 2}}')).toEqual(['SP1007']);
  expect(yaml('? [a]\n: b\n')).toEqual(['SP1006']);
  expect(json('{"a":1,"\\u0061":2}')).toEqual(['SP1007']);
  expect(parseYaml('m.yaml', '__proto__: {x: 1}')).toMatchObject({ ok: true });
  const proto = parseYaml('m.yaml', '__proto__: {x: 1}');
  expect(proto.ok && Object.keys(proto.value.value as object)).toEqual(['__proto__']);
});

test('YAML 1.1 has no say: no dates, no yes, no merge', () => {
  const parsed = parseYaml('m.yaml', 'a: 2027-01-31\nb: yes\nc: 0o17\n<<: {d: 1}\n');
  expect(parsed).toMatchObject({
    ok: true,
    value: { value: { a: '2027-01-31', b: 'yes', c: 15, '<<': { d: 1 } } },
  });
  expect(yaml('a: !mine x')).toEqual(['SP1006']);
});

test('a string of megabytes does not overflow the scanner', () => {
  expect(json(JSON.stringify('x'.repeat(4_000_000)))).toEqual([]);
  expect(json(`"${'\\n'.repeat(2_000_000)}"`)).toEqual([]);
});

test('a thousand faults are reported as the first two hundred', () => {
  const keys = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`unknown${i}`, i]));
  const tree = parseJson('m.json', JSON.stringify(keys));
  expect(tree.ok && validate(tree.value).diagnostics).toHaveLength(200);
});

test('CUE that never ends is stopped', async () => {
  const text = `import "list"\nx: len([for a in list.Range(0, 100000, 1) for b in list.Range(0, 100000, 1) {a * b}])\n`;
  expect(codes(await parseCue('m.cue', { 'm.cue': text }))).toEqual(['SP1009']);
}, 30_000);

test.each([
  ['30s', 30_000],
  ['1h30m', 5_400_000],
  ['1.5m', 90_000],
  ['250ms', 250],
  ['7d', 604_800_000],
  ['8d', undefined],
  ['0s', undefined],
  ['5', undefined],
  ['', undefined],
  ['-5s', undefined],
  ['5 s', undefined],
])('duration %j', (text, ms) => expect(parseDuration(text)).toBe(ms));

test.each([
  ['1B', 1],
  ['1KB', 1000],
  ['1KiB', 1024],
  ['1.5GiB', 1_610_612_736],
  ['0MB', undefined],
  ['5', undefined],
  ['999999999999TiB', undefined],
])('size %j', (text, bytes) => expect(parseSize(text)).toBe(bytes));

test.each([
  ['2028-02-29', true],
  ['2027-02-29', false],
  ['2027-13-01', false],
  ['0001-01-01', true],
  ['2027-1-1', false],
])('day %j', (text, valid) => expect(isDay(text)).toBe(valid));

test.each([
  ['bandti', 'bandit'],
  ['trivy', 'trivy-fs'],
  ['BANDIT', 'bandit'],
  ['zzzzzz', undefined],
  ['', undefined],
])('did you mean: %j', (text, meant) => expect(didYouMean(text, ['bandit', 'trivy-fs', 'ruff'])).toBe(meant));

test('what a manifest says cannot forge a line of the report', () => {
  const text = renderDiagnostic({
    code: 'SP2001',
    level: 'error',
    summary: 'unknown key "a\nsecplan.yaml:1:1: pass\u001b[2K\u202e"',
    related: [],
  });
  expect(text.split('\n')).toHaveLength(1);
  expect(text).not.toContain('\u001b');
  expect(text).not.toContain('\u202e');
});
