import { compileExcludes, compileGlobs } from '../../executor/inventory/glob.ts';
import type { InventoryFile } from '../../executor/inventory/types.ts';
import type { Plan } from '../../planner/ir/ir.ts';
import {
  type LanguageCoverage,
  type LanguageFacts,
  type LanguageState,
  languagesCovered,
} from '../../policy/languages.ts';
import type { Catalogue } from '../../stages/contract/catalogue.ts';
import { filesByLanguage, type SeenWorkspace } from './files-by-language.ts';
import { languageReaders } from './language-readers.ts';
import { type Given, type Readers, readRows } from './read-rows.ts';

export interface LanguageRequest {
  readonly plan: Plan;
  readonly inventory: SeenWorkspace;
  /** Of each scanner that was started. */
  readonly given: readonly Given[];
  readonly catalogue: Catalogue;
}

/** Unread paths that are named. */
const NAMED = 5;

/** For each language of the workspace, what the scanners read of it and which others would. Reads first lines of scripts only. */
export function languageCoverage(request: LanguageRequest): readonly LanguageCoverage[] {
  const { plan, inventory, given } = request;
  const { files } = inventory;
  const code = filesByLanguage(inventory);
  if (code.languages.length === 1) return [];
  const { read, readers } = readRows(files, code, given, plan);
  const counts = code.languages.map((): Count => ({ files: 0, unread: [] }));
  for (let row = 0; row < files.length; row++) {
    const number = code.rows[row] ?? 0;
    const count = counts[number];
    const file = files[row];
    if (number === 0 || count === undefined || file === undefined) continue;
    count.files++;
    if (read[row] === 0) count.unread.push(file);
  }
  const facts = code.languages.flatMap((language, number) => {
    const [own, count] = [readers[number], counts[number]];
    if (language === undefined || own === undefined || count === undefined) return [];
    return [factsOf({ language, ...own, ...count }, request)];
  });
  return languagesCovered(facts, isNarrowed(plan) ? 'run' : 'profile');
}

interface Count {
  files: number;
  /** That nothing read. */
  readonly unread: InventoryFile[];
}

type Seen = Count & Readers & { readonly language: Parameters<typeof languageReaders>[1]['language'] };

function factsOf(seen: Seen, { plan, inventory, catalogue }: LanguageRequest): LanguageFacts {
  const { language, files, unread, readIn, tools, unfinished } = seen;
  const isExcluded = excludedBy(plan);
  const left = unread.filter(({ path }) => !isExcluded(path));
  const read = files - unread.length;
  const state = stateOf(read, left.length, unfinished.size > 0);
  const readers =
    left.length === 0 || readIn.has(language.category)
      ? []
      : languageReaders(catalogue, { language, unread: left, files: inventory.files });
  // By its usual name there is a scanner of it: these files are named, not their language.
  const unusual = readers.length === 0 && state === 'not-read' && readsUsually(catalogue, language);
  return {
    language: language.name,
    category: language.category,
    files,
    read,
    excluded: unread.length - left.length,
    state,
    readIn: [...readIn].sort(),
    tools: [...(tools.size === 0 ? unfinished : tools)].sort(),
    ...(readers.length === 0 ? {} : { readers }),
    ...(state === 'partly-read' || unusual ? { unread: left.slice(0, NAMED).map(({ path }) => path) } : {}),
  };
}

function readsUsually(catalogue: Catalogue, language: Seen['language']): boolean {
  const file: InventoryFile = { path: language.sample, size: 1, executable: false };
  return languageReaders(catalogue, { language, unread: [file], files: [file] }).length > 0;
}

function stateOf(read: number, left: number, unfinished: boolean): LanguageState {
  if (left === 0) return read === 0 ? 'excluded' : 'read';
  if (read > 0) return 'partly-read';
  return unfinished ? 'not-finished' : 'not-read';
}

/** Whether `--only` or `--skip` left out scanners of the profile. */
function isNarrowed({ notPlanned }: Plan): boolean {
  return notPlanned.some(
    ({ reason: { kind } }) => kind === 'not-named-by-only' || kind === 'skipped-by-flag',
  );
}

function excludedBy({ sourceExclude, sourceOnly }: Plan): (path: string) => boolean {
  const excluded = compileExcludes(sourceExclude);
  const taken = sourceOnly === undefined ? undefined : compileGlobs(sourceOnly);
  return (path) => excluded(path) || taken?.(path) === false;
}
