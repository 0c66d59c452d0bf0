import { expect, test } from 'vitest';
import { parseJson } from '../../../src/compiler/read/parse-json.ts';
import { parseYaml } from '../../../src/compiler/read/parse-yaml.ts';
import { withSourceLines } from '../../../src/compiler/source/source-lines.ts';
import { type Diagnostic, diagnostic } from '../../../src/core/diagnostic.ts';
import { renderDiagnostic } from '../../../src/core/render-diagnostic.ts';

/** The lines below the first, of a diagnostic about a pointer of a document. */
function frame(text: string, pointer: string, code: Diagnostic['code'] = 'SP2005'): string[] {
  const parsed = text.startsWith('{ ') ? parseJson('m', text) : parseYaml('m', text);
  if (!parsed.ok) throw new Error('not a document');
  const place = parsed.value.place(pointer);
  if (place === undefined) throw new Error(`no place: ${pointer}`);
  const [item] = withSourceLines([diagnostic(code, 's', { pointer, place })], 'm', text, parsed.value);
  return item === undefined ? [] : renderDiagnostic(item).split('\n').slice(1);
}

/** What the carets stand under. */
function underlined([line = '', caret = '']: readonly string[]): string {
  return line.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1);
}

test('the caret stands under the value', () => {
  expect(frame('{\n  "a": "one", "b": 22\n}', '/b')).toEqual([
    '   2 |   "a": "one", "b": 22',
    '     |                    ^^',
  ]);
});

test('a tab is shown as spaces of a known width', () => {
  expect(frame('{\n\t"a":\t"one"\n}', '/a')).toEqual([
    '   2 |     "a":    "one"',
    '     |             ^^^^^',
  ]);
});

test('wide characters take two columns, combining ones none', () => {
  const [line = '', caret = ''] = frame('{ "a": "数据🧪", "b": "é", "c": "x" }', '/c');
  expect(line).toBe('   1 | { "a": "数据🧪", "b": "é", "c": "x" }');
  const columns = [...line.slice(0, line.indexOf('"x"'))].reduce(
    (sum, char) => sum + (/[数据🧪]/u.test(char) ? 2 : char === '\u0301' ? 0 : 1),
    0,
  );
  expect(caret.indexOf('^')).toBe(columns);
});

test.each([0, 30, 500, 5000])('a long line is cut around the value, %i characters before it', (before) => {
  const text = `{ "a": "${'x'.repeat(before)}", "b": "here", "c": "${'y'.repeat(3000)}" }`;
  const shown = frame(text, '/b');
  expect(underlined(shown)).toBe('"here"');
  expect((shown[0] ?? '').length).toBeLessThan(125);
});

test('a value that is longer than what is shown is underlined as far as it is', () => {
  const shown = frame(`{ "a": "${'x'.repeat(3000)}" }`, '/a');
  expect(underlined(shown)).toMatch(/^"x+$/);
});

test('control and direction characters of the line are escaped, and the caret stays under its value', () => {
  const shown = frame('{ "a\u202eb": 1, "c": "here" }', '/c');
  expect(shown.join('')).not.toContain('\u202e');
  expect(underlined(shown)).toBe('"here"');
});

test.each([
  ['{ "secrets": { "T": "hunter2" }, "x": 1 }', '/x'],
  ['{ "tools": { "a": { "secrets": ["hunter2"] } }, "x": 1 }', '/x'],
  ['{ "password": "hunter2 \\"hunter2", "x": 1 }', '/x'],
  ['{ "url": "https://me:hunter2@example.org", "x": 1 }', '/x'],
  ['{ "secrets": { "T": "hunter2" } }', '/secrets/T'],
  ['apiToken: hunter2\nx: 1', '/apiToken'],
  ["{x: 1, env: {A: 'hunter2 ''hunter2', B: hunter2}}", '/x'],
])('a line shows no value that could be a secret: %s', (text, pointer) => {
  const shown = frame(text, pointer);
  expect(shown.join('\n')).not.toContain('hunter2');
  expect(shown.join('\n')).toContain('…');
});

test('the value of an unknown key and of an undeclared secret is not shown', () => {
  expect(frame('x: {pasword: hunter2}', '/x/pasword', 'SP2001').join()).not.toContain('hunter2');
  expect(frame('x: [hunter2]', '/x/0', 'SP2013').join()).not.toContain('hunter2');
});

test('a file that was not parsed shows no line below a key of secrets', () => {
  const text = 'name: a\nsecrets:\n\n  GH: hunter2 [\nother:\n  x: [';
  const at = (line: number) => diagnostic('SP1006', 's', { place: { file: 'm', line, column: 3 } });
  const [first, second, third] = withSourceLines([at(4), at(6), at(1)], 'm', text);
  expect(first?.source).toBeUndefined();
  expect(second?.source?.text).toBe('  x: [');
  expect(third?.source?.text).toBe('name: a');
  const minified = '{"secrets":{"A":"hunter2"},"b":}';
  const flat = '{\n"secrets": {\n"A": "hunter2" }\n"b": 1 }';
  expect(withSourceLines([at(3)], 'm', flat)[0]?.source).toBeUndefined();
  expect(withSourceLines([at(1)], 'm', minified)[0]?.source).toBeUndefined();
});

test('a place of another file gets no line', () => {
  const other = diagnostic('SP1006', 's', { place: { file: 'n', line: 1, column: 1 } });
  expect(withSourceLines([other], 'm', 'x')).toEqual([other]);
});
