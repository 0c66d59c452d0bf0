import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** A package of others whose code, or a file, is in ours. */
export interface ForeignPackage {
  readonly name: string;
  readonly version: string;
  /** As its package.json says, an SPDX expression. */
  readonly license: string;
  /** The license text and what else must go with it. */
  readonly text: string;
}

const PACKAGE_FOLDER = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;
const STANDARD_TEXTS = new URL('license-texts/', import.meta.url).pathname;
const LICENSE_FILE = /^(licen[cs]e|copying|notice)([.-].*)?$/i;

/** Folders of the packages that something of is in a bundle, sorted; from an esbuild metafile. */
export function bundledFolders(metafiles: readonly Metafile[]): readonly string[] {
  const inputs = metafiles.flatMap(({ outputs }) => Object.values(outputs).map((output) => output.inputs));
  const held = inputs.flatMap((each) =>
    Object.entries(each).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
  const folders = held.flatMap((path) => PACKAGE_FOLDER.exec(path)?.[0] ?? []);
  return [...new Set(folders)].sort();
}

/**
 * Of a package that holds no text of its license, the standard text is taken (license-texts/).
 * @throws when it names no licence, or one whose text is not there: then the package cannot be passed on
 */
export function readForeignPackage(folder: string): ForeignPackage {
  const { name, version, license, author } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  ) as {
    name: string;
    version: string;
    license?: unknown;
    author?: string | { readonly name?: string };
  };
  if (typeof license !== 'string') throw new Error(`${name} ${version} names no license`);
  const files = readdirSync(folder)
    .filter((file) => LICENSE_FILE.test(file))
    .sort();
  if (files.length > 0) {
    return { name, version, license, text: files.map((file) => readText(join(folder, file))).join('\n\n') };
  }
  const standard = join(STANDARD_TEXTS, `${license}.txt`);
  if (!existsSync(standard)) {
    throw new Error(
      `${name} ${version} holds no text of its license; add scripts/license-texts/${license}.txt`,
    );
  }
  const holder = typeof author === 'object' ? author.name : author;
  const copyright = `Copyright: ${holder ?? `the authors of ${name}`}`;
  return { name, version, license, text: `${copyright}\n\n${readText(standard)}` };
}

/** GitHub Linguist, by way of linguist-languages: src/core/languages/language-table.ts is made of it. */
export function linguistLicense(): ForeignPackage {
  const table = readText(new URL('../src/core/languages/language-table.ts', import.meta.url).pathname);
  const version = /linguist-languages ([\d.]+\d)/.exec(table)?.[1];
  if (version === undefined) throw new Error('the table of languages names no version of linguist-languages');
  const text = readText(join(STANDARD_TEXTS, 'linguist.txt'));
  return { name: 'linguist-languages', version, license: 'MIT', text };
}

function readText(path: string): string {
  return readFileSync(path, 'utf8').replaceAll('\r\n', '\n').trim();
}

/** One document of all of them; packages that have the same text share it. */
export function licenseDocument(packages: readonly ForeignPackage[]): string {
  const byText = new Map<string, string[]>();
  for (const { name, version, license, text } of packages) {
    const names = byText.get(text) ?? [];
    names.push(`${name} ${version} (${license})`);
    byText.set(text, names);
  }
  const rule = '='.repeat(80);
  const parts = [...byText].map(([text, names]) =>
    [rule, [...new Set(names)].sort().join('\n'), rule, '', text].join('\n'),
  );
  return `The published package of secplan holds code and files of these packages; what its CUE wasm holds is in cue/THIRD-PARTY-LICENSES.\n\n${parts.join('\n\n')}\n`;
}
