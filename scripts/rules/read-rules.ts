import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { byCodeUnit } from '../../src/core/canonical.ts';

/** Folder under rules/secplan -> what its rules must name in `languages`, and how its examples may end. */
export const ruleLanguages = {
  dockerfile: { engine: ['dockerfile'], endings: ['dockerfile'] },
  go: { engine: ['go'], endings: ['go'] },
  java: { engine: ['java'], endings: ['java'] },
  javascript: { engine: ['javascript', 'typescript'], endings: ['js', 'jsx', 'ts', 'tsx'] },
  python: { engine: ['python'], endings: ['py'] },
  yaml: { engine: ['yaml'], endings: ['yaml'] },
} as const;
export type RuleLanguage = keyof typeof ruleLanguages;

/** Stands in a comment on the line above each line that a finding must start at. */
export const expectMarker = 'secplan-expect';

export interface Example {
  /** Relative to the rules folder, with forward slashes. */
  readonly path: string;
  readonly kind: 'bad' | 'good';
  /** 1-based lines at which a finding must start. */
  readonly lines: readonly number[];
}

export interface Rule {
  /** What folder and file name say; the file's own id is held to it by ruleProblems. */
  readonly id: string;
  readonly language: RuleLanguage;
  /** Relative to the rules folder, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly examples: readonly Example[];
}

/**
 * Every rule under `<root>/secplan` with its examples, in code-unit order of the paths.
 * @throws Error where a folder is none of the pack's languages; what the file system throws.
 */
export function readRules(root: string): readonly Rule[] {
  return readdirSync(path.join(root, 'secplan'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name: language }) => {
      if (!isRuleLanguage(language)) throw new Error(`rules/secplan/${language}: not a language of the pack`);
      return readdirSync(path.join(root, 'secplan', language)).map((file) => readRule(root, language, file));
    })
    .sort((a, b) => byCodeUnit(a.path, b.path));
}

function readRule(root: string, language: RuleLanguage, file: string): Rule {
  const name = file.replace(/\.yaml$/, '');
  const rulePath = `secplan/${language}/${file}`;
  const examples = (['bad', 'good'] as const).flatMap((kind) =>
    ruleLanguages[language].endings
      .map((ending) => `examples/${language}/${name}.${kind}.${ending}`)
      .filter((example) => existsSync(path.join(root, example)))
      .map((example) => ({ path: example, kind, lines: expectedLines(readText(root, example)) })),
  );
  const id = `secplan.${language}.${name}`;
  return { id, language, path: rulePath, text: readText(root, rulePath), examples };
}

function readText(root: string, file: string): string {
  return readFileSync(path.join(root, file), 'utf8');
}

function expectedLines(text: string): readonly number[] {
  return text.split('\n').flatMap((line, index) => (line.includes(expectMarker) ? [index + 2] : []));
}

function isRuleLanguage(name: string): name is RuleLanguage {
  return Object.hasOwn(ruleLanguages, name);
}
