import { describe, expect, it } from 'vitest';
import {
  anyOf,
  inUnmarkedUtf16,
  inUtf16,
  inUtf32,
  isBlank,
  notInUtf8,
  noYamlCharacters,
  withLoneReturns,
  withMark,
  withNul,
} from '../../../src/stages/formats/content.ts';
import { noYaml } from '../../../src/stages/formats/yaml-content.ts';
import { ENCODINGS } from '../../support/planted/encodings.ts';

const TESTS = {
  inUtf16,
  inUnmarkedUtf16,
  inUtf32,
  notInUtf8,
  withMark,
  withNul,
  withLoneReturns,
  noYamlCharacters,
};

/** What holds of a text in each encoding; nothing of those that are not here. */
const HOLDS: Readonly<Record<string, readonly (keyof typeof TESTS)[]>> = {
  'utf-8-mark': ['withMark'],
  'utf-16le-mark': ['inUtf16', 'notInUtf8', 'withNul', 'noYamlCharacters'],
  'utf-16be-mark': ['inUtf16', 'notInUtf8', 'withNul', 'noYamlCharacters'],
  'utf-16le': ['inUtf16', 'inUnmarkedUtf16', 'withNul', 'noYamlCharacters'],
  'utf-16be': ['inUtf16', 'inUnmarkedUtf16', 'withNul', 'noYamlCharacters'],
  'utf-32le-mark': ['inUtf32', 'notInUtf8', 'withNul', 'noYamlCharacters'],
  'utf-32be-mark': ['inUtf32', 'notInUtf8', 'withNul', 'noYamlCharacters'],
  'latin-1': ['notInUtf8'],
  'windows-1252': ['notInUtf8'],
  'shift-jis': ['notInUtf8'],
  gb18030: ['notInUtf8'],
  'utf-8-overlong': ['notInUtf8'],
  'utf-8-surrogate': ['notInUtf8'],
  'nul-in-comment': ['withNul', 'noYamlCharacters'],
  'nul-line': ['withNul', 'noYamlCharacters'],
  'nul-last': ['withNul', 'noYamlCharacters'],
  'nul-far-off': ['withNul', 'noYamlCharacters'],
  'ctrl-z': ['noYamlCharacters'],
  'form-feed': ['noYamlCharacters'],
  cr: ['withLoneReturns'],
  'line-separator': ['noYamlCharacters'],
  'mark-alone': ['withMark'],
  noise: ['notInUtf8', 'withNul', 'noYamlCharacters'],
};

describe('what the bytes of a file are', () => {
  it.each(ENCODINGS.map((encoding) => [encoding.name, encoding] as const))('%s', (name, encoding) => {
    const content = encoding.write('name: x\nlist: [1, 2]\n', (words) => `# ${words}`);
    const found = Object.entries(TESTS).flatMap(([test, of]) => (of(content) === undefined ? [] : [test]));
    expect(found).toEqual(HOLDS[name] ?? []);
    expect(isBlank(content)).toBe(['empty', 'mark-alone', 'white-space'].includes(name));
  });

  it.each([
    ['a: [', false],
    ['a:\n\tb: 1', false],
    ['a: 1\na: 2', false],
    ['{{- if .x }}\na: {{ .y }}\n{{- end }}', false],
    ['['.repeat(100_000), false],
    ['a: !x {b: 1}\n---\n# two\nc: *d\n'.replace('*d', '1'), true],
    ['', true],
  ])('is YAML or not: %j', (text, isYaml) => {
    expect(noYaml(Buffer.from(text)) === undefined).toBe(isYaml);
  });

  it('takes what is too long for YAML', () => {
    expect(noYaml(Buffer.from(`a: [${' '.repeat(600_000)}`))).toBeUndefined();
  });

  it('says the first of several', () => {
    const both = anyOf(inUtf32, withNul, noYamlCharacters);
    expect(both(Buffer.from('a\0'))).toBe('it holds a NUL byte');
    expect(both(Buffer.from('a'))).toBeUndefined();
  });
});
