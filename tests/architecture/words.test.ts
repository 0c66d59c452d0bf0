import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BRITISH, HARD_IN_COMMENTS, HARD_IN_TEXT } from '../support/plain-words.ts';
import { hardPhrases, type Said, sourceWords } from '../support/source-words.ts';

const root = new URL('../../', import.meta.url).pathname;
const below = (folder: string, end: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(end))
    .map((path) => join(folder, path));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const sources = below('src', '.ts').filter((path) => !/\.gen\.ts$|\/cases\//.test(path));
const words = sources.map((path) => ({ path, ...sourceWords(path, read(path)) }));

function hardIn(said: readonly Said[], path: string, phrases = HARD_IN_TEXT): string[] {
  return said.flatMap(({ line, text }) =>
    hardPhrases(text, phrases).map((found) => `${path}:${line}: ${found}`),
  );
}

function paragraphs(text: string): Said[] {
  return text.split('\n').map((line, index) => ({ line: index + 1, text: line }));
}

/** Descriptions of a JSON Schema, wherever they stand. */
function descriptions(value: unknown): Said[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    key === 'description' && typeof member === 'string' ? [{ line: 0, text: member }] : descriptions(member),
  );
}

describe('plain words', () => {
  it('are in every message and help text', () => {
    expect(words.flatMap(({ texts }) => texts).length).toBeGreaterThan(5_000);
    expect(words.flatMap(({ path, texts }) => hardIn(texts, path))).toEqual([]);
  });

  it('are in every description of a schema', () => {
    const schemas = below('schema', '.json').map((path) => ({
      path,
      said: descriptions(JSON.parse(read(path))),
    }));
    expect(schemas.flatMap(({ said }) => said).length).toBeGreaterThan(200);
    expect(schemas.flatMap(({ path, said }) => hardIn(said, path))).toEqual([]);
  });

  it('are in every document', () => {
    const all = [
      ...below('docs', '.md'),
      ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'tests/README.md'],
    ];
    expect(all.flatMap((path) => hardIn(paragraphs(read(path)), path))).toEqual([]);
  });

  it('are in comments, by a smaller list', () => {
    expect(words.flatMap(({ comments }) => comments).length).toBeGreaterThan(2_000);
    expect(words.flatMap(({ path, comments }) => hardIn(comments, path, HARD_IN_COMMENTS))).toEqual([]);
  });

  it.each(HARD_IN_TEXT)('are missed in a planted "$planted"', ({ planted, instead }) => {
    const caught = expect.arrayContaining([expect.stringContaining(`write ${instead}`)]);
    const source = sourceWords(
      'planted.ts',
      `// ${planted}\nexport const a = ["${planted}", \`\${b} ${planted}\`];\n`,
    );
    expect(source.texts).toHaveLength(2);
    for (const said of source.texts) expect(hardIn([said], 'planted.ts')).toEqual(caught);
    expect(hardIn(descriptions({ properties: { a: { description: planted } } }), 'planted.json')).toEqual(
      caught,
    );
    expect(hardIn(paragraphs(`# Title\n\n${planted}\n`), 'planted.md')).toEqual(caught);
  });

  it.each(HARD_IN_COMMENTS)('are missed in a comment with "$planted"', ({ planted }) => {
    for (const source of [
      `// ${planted}\nexport {};\n`,
      `/**\n * ${planted.replaceAll(' ', '\n * ')}\n */\nconst a = 1;\n`,
    ])
      expect(hardIn(sourceWords('planted.ts', source).comments, 'planted.ts', HARD_IN_COMMENTS)).toHaveLength(
        1,
      );
  });
});

describe('identifiers', () => {
  const british = (path: string, names: readonly Said[]): string[] =>
    names.filter(({ text }) => BRITISH.test(text)).map(({ line, text }) => `${path}:${line}: ${text}`);

  it('have US spelling, and so have the names of files', () => {
    expect(words.flatMap(({ path, names }) => british(path, names))).toEqual([]);
    expect(sources.filter((path) => BRITISH.test(path))).toEqual([]);
  });

  it('with British spelling are found', () => {
    const { names } = sourceWords(
      'planted.ts',
      'export const lineColour = 1; export function normaliseAll(): void {}\n',
    );
    expect(british('planted.ts', names)).toEqual(['planted.ts:1: lineColour', 'planted.ts:1: normaliseAll']);
  });
});
