import type { Category } from '../category.ts';
import { LANGUAGE_TABLE } from './language-table.ts';

/** A language that flaws are looked for in. */
export interface Language {
  /** As people write it, for example `Ruby`. */
  readonly name: string;
  /** The category that looks at it first. */
  readonly category: Category;
  /** All categories whose scanners read it; `category` is the first. */
  readonly categories: readonly Category[];
  /** A path that such a file usually has. */
  readonly sample: string;
}

interface Table {
  readonly byEnding: ReadonlyMap<string, Language>;
  readonly byName: ReadonlyMap<string, Language>;
  readonly byInterpreter: ReadonlyMap<string, Language>;
  readonly all: readonly Language[];
}

const WORKFLOWS: Language = {
  name: 'GitHub Actions',
  category: 'supply-chain',
  categories: ['supply-chain', 'iac', 'sast'],
  sample: '.github/workflows/x.yml',
};

/** YAML is data; where it lies makes these programs. */
const WORKFLOW_FILE = /(?:^|\/)\.github\/(?:workflows\/[^/]+|actions\/(?:.+\/)?action)\.ya?ml$/i;

/** Dockerfile.dev is a Dockerfile, Dockerfile.dockerignore is none. */
const VARIANT = /(?:^|\/)(?:Dockerfile|Containerfile)\.(?!dockerignore$|md$|txt$|json$)[^./]+$/i;

let table: Table | undefined;

/** What a file is written in by its name; undefined for data, prose, and what no scanner anywhere looks at. */
export function languageOfPath(path: string): Language | undefined {
  const { byEnding, byName } = tableOf();
  const ending = endingOf(path);
  if (ending === undefined) return byName.get(path.slice(path.lastIndexOf('/') + 1));
  const known = byEnding.get(ending) ?? byEnding.get(ending.toLowerCase());
  if (known !== undefined) return known;
  if (/^\.ya?ml$/i.test(ending)) return WORKFLOW_FILE.test(path) ? WORKFLOWS : undefined;
  return VARIANT.test(path) ? byName.get('Dockerfile') : undefined;
}

/** The last ending of a name with its dot; undefined of a name without one, or with a dot at its start only. */
export function endingOf(path: string): string | undefined {
  const dot = path.lastIndexOf('.');
  const start = path.lastIndexOf('/') + 1;
  return dot > start ? path.slice(dot) : undefined;
}

/** What a script's first line says, for example `#!/usr/bin/env -S python3 -u`; undefined where it starts no known interpreter. */
export function languageOfShebang(line: string): Language | undefined {
  const [program = '', ...words] = line.slice(2).trim().split(/\s+/);
  if (!line.startsWith('#!')) return undefined;
  const isEnv = program.endsWith('/env');
  const started = isEnv
    ? (words.find((word) => !word.startsWith('-') && !word.includes('=')) ?? '')
    : program;
  const name = started.slice(started.lastIndexOf('/') + 1);
  const { byInterpreter } = tableOf();
  // python3.12 is python3.
  return byInterpreter.get(name) ?? byInterpreter.get(name.replace(/[\d.]+$/, ''));
}

/** By its name, in upper or lower case. */
export function languageNamed(name: string): Language | undefined {
  const wanted = name.toLowerCase();
  return tableOf().all.find((language) => language.name.toLowerCase() === wanted);
}

/** Sorted. */
export function languageNames(): readonly string[] {
  return tableOf().all.map(({ name }) => name);
}

function tableOf(): Table {
  table ??= readTable();
  return table;
}

function readTable(): Table {
  const byEnding = new Map<string, Language>();
  const byName = new Map<string, Language>();
  const byInterpreter = new Map<string, Language>();
  const all: Language[] = [WORKFLOWS];
  for (const row of LANGUAGE_TABLE.trim().split('\n')) {
    const [name = '', category = '', endings = '', names = '', interpreters = ''] = row.split('|');
    const categories: readonly Category[] = category === 'iac' ? ['iac', 'sast'] : ['sast'];
    const [ending = ''] = words(endings);
    const [whole = `x${ending}`] = words(names);
    const sample = ending === '' || category === 'iac' ? whole : `x${ending}`;
    const language: Language = { name, category: categories[0] ?? 'sast', categories, sample };
    all.push(language);
    for (const one of words(endings)) byEnding.set(one, language);
    for (const one of words(names)) byName.set(one, language);
    for (const interpreter of words(interpreters)) byInterpreter.set(interpreter, language);
  }
  all.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { byEnding, byName, byInterpreter, all };
}

function words(list: string): readonly string[] {
  return list === '' ? [] : list.split(' ');
}
