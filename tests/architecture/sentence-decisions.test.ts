import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const src = fileURLToPath(new URL('../../src', import.meta.url));

// Two or more words in one string: a sentence, not a name.
const SENTENCE = String.raw`(?<quote>['"\`])[^'"\`\n]*[A-Za-z]{2,}:? [a-z]+\b[^'"\`\n]*\k<quote>`;
const DECISIONS = [
  new RegExp(String.raw`\.(?:startsWith|endsWith|includes|indexOf)\(\s*${SENTENCE}`, 'g'),
  new RegExp(String.raw`(?:===|!==|\bcase)\s+${SENTENCE}`, 'g'),
  /\/\^?[^/\s(]*[A-Za-z]{2,}:? [a-z]+[^/\n]*\/[a-z]*\.(?:test|exec)\(/g,
];
// A HEADER is what a file of our own format begins with.
const SENTENCE_CONSTANT = new RegExp(String.raw`\bconst ([A-Z][A-Z_]{2,}) = ${SENTENCE};`, 'g');

/** Where the words are not ours: what programs and libraries write, read by the one file that knows them. */
const FOREIGN = [
  /^stages\/(?!contract\/|formats\/)/,
  /^toolchain\/installers\//,
  /^cli\/run-cli\.ts$/,
  /^executor\/runtimes\//,
];

function sources(): ReadonlyMap<string, string> {
  return new Map(
    readdirSync(src, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => [path.replaceAll('\\', '/'), readFileSync(join(src, path), 'utf8')] as const)
      .filter(([path]) => !FOREIGN.some((pattern) => pattern.test(path)))
      // Only the code: a comment may quote a sentence.
      .map(([path, text]) => [path, text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')] as const),
  );
}

/** Every place that decides by the text of a sentence, as `file: code`. */
function decisions(files: ReadonlyMap<string, string>): string[] {
  const constants = [...files.values()].flatMap((text) =>
    [...text.matchAll(SENTENCE_CONSTANT)].map(([, name = '']) => name).filter((name) => name !== 'HEADER'),
  );
  const named = constants.map(
    (name) =>
      new RegExp(String.raw`(?:===|!==|\bcase)\s+${name}\b|\.(?:startsWith|includes)\(${name}\)`, 'g'),
  );
  return [...files].flatMap(([path, text]) =>
    [...DECISIONS, ...named].flatMap((pattern) =>
      [...text.matchAll(pattern)].map(([code]) => `${path}: ${code}`),
    ),
  );
}

test('no code decides by the text of a sentence', () => {
  const files = sources();
  expect(files.size).toBeGreaterThan(400);
  expect(decisions(files)).toEqual([]);
});

test.each([
  ["if (line.startsWith('attest: a signature')) {}", 'the beginning of a sentence'],
  ['const told = notes.some((note) => note.includes("was not reached"));', 'a part of one'],
  ["if (entry.detail === 'not in this version') {}", 'the whole of one'],
  ["switch (reason) { case 'the run was interrupted': break; }", 'a case'],
  ['if (/^not named by/.test(detail)) {}', 'a pattern'],
  ["const OLD_REASON = 'not in this version';\nif (detail !== OLD_REASON) {}", 'a constant that holds one'],
])('would find %j: %s', (code) => {
  expect(decisions(new Map([...sources(), ['cli/planted.ts', code]]))).toEqual([
    expect.stringMatching(/^cli\/planted\.ts: /),
  ]);
});

test.each(["if (result.state === 'not-applicable') {}", "const text = 'not in this version';"])(
  'does not mind %j',
  (code) => {
    expect(decisions(new Map([['cli/planted.ts', code]]))).toEqual([]);
  },
);
