import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript-6';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const types = join(import.meta.dirname, 'redactor-types.ts');
const redactor = join(root, 'src/core/redaction/redactor.ts');

function config(): ts.ParsedCommandLine {
  const { config: json } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  return ts.parseJsonConfigFileContent(json, ts.sys, root);
}

/** A swap each way, as redactor-types.ts has one for each place. */
const SWAPS = `
import type { PublishRedactor, StoreRedactor } from '../../src/core/redaction/redactor.ts';
declare const store: StoreRedactor;
declare const publish: PublishRedactor;
// @ts-expect-error
export const stored: StoreRedactor = publish;
// @ts-expect-error
export const published: PublishRedactor = store;
`;

/** What the compiler says of them, with another text for the file that declares the two types. */
function saidOfSwaps(declaring: string): readonly string[] {
  const { options } = config();
  const swaps = join(import.meta.dirname, 'planted-swaps.ts');
  const texts = new Map([
    [swaps, SWAPS],
    [redactor, declaring],
  ]);
  const host = ts.createCompilerHost(options);
  const [read, exists] = [host.readFile, host.fileExists];
  host.readFile = (path) => texts.get(path) ?? read(path);
  host.fileExists = (path) => texts.has(path) || exists(path);
  const program = ts.createProgram([swaps], options, host);
  return program
    .getSemanticDiagnostics(program.getSourceFile(swaps))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

it('the compiler reads the file that holds the swaps', () => {
  expect(config().fileNames).toContain(types);
});

/** Files of src that take one of the two types and that a text does not import from. */
function takersNotIn(text: string): readonly string[] {
  return globSync('src/**/*.ts', { cwd: root }).filter((path) => {
    const imports = /import (type )?\{[^}]*\b(Store|Publish)Redactor/.test(
      readFileSync(join(root, path), 'utf8'),
    );
    return imports && !text.includes(`'../../${path}'`);
  });
}

it('every place that takes a redactor for storing or publishing stands in it', () => {
  const text = readFileSync(types, 'utf8');
  expect(takersNotIn(text)).toEqual([]);
  const without = text.replace('src/evidence/bundle/bundle-writer.ts', '');
  expect(takersNotIn(without)).toEqual(['src/evidence/bundle/bundle-writer.ts']);
});

it('a swap does not compile, and were the two types alike, the compiler would say so', () => {
  const text = readFileSync(redactor, 'utf8');
  expect(saidOfSwaps(text)).toEqual([]);
  const alike = text
    .replaceAll(/readonly \[brand\]: '\w+';/g, '')
    .replace('learn(values: readonly string[]): void;', '');
  const unused = "Unused '@ts-expect-error' directive.";
  expect(saidOfSwaps(alike)).toEqual([unused, unused]);
});
