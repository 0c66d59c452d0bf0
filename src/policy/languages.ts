import type { Category } from '../core/category.ts';
import type { WithText } from '../core/gap.ts';
import { listed } from '../core/listed.ts';
import { unreachable } from '../core/unreachable.ts';

export type LanguageState =
  /** Every file that the manifest does not exclude was given to a scanner that finished. */
  | 'read'
  /** Some files were. */
  | 'partly-read'
  /** Scanners of it ran and did not finish. */
  | 'not-finished'
  /** No scanner of the run takes its files. */
  | 'not-read'
  /** The manifest excludes all of its files. */
  | 'excluded';

/** A scanner of the catalogue that would take files which nothing read. */
export interface LanguageReader {
  readonly tool: string;
  readonly category: Category;
  /** It needs this option: `tools.<of>.options.<name>` with this word. */
  readonly option?: { readonly of: string; readonly name: string; readonly is: string };
  /** It applies where a file matches one of these, and none does. */
  readonly appliesIf?: readonly string[];
}

/** What happened to the files of one language. */
export interface LanguageFacts {
  readonly language: string;
  /** The category that looks at it first. */
  readonly category: Category;
  readonly files: number;
  /** Of those, the files that were given to a scanner that finished. */
  readonly read: number;
  /** Of those, the files that the manifest excludes. */
  readonly excluded: number;
  readonly state: LanguageState;
  /** Categories of the scanners that read it, sorted. */
  readonly readIn: readonly Category[];
  /** Tools that read it, sorted; where none finished, those that were started. */
  readonly tools: readonly string[];
  /** Scanners that would read it, best first; absent where it was read, or none would. */
  readonly readers?: readonly LanguageReader[];
  /** The first files that nothing read, where others of the language were, or would be. */
  readonly unread?: readonly string[];
}

/** The same with its one line for people. */
export type LanguageCoverage = WithText<LanguageFacts>;

/** What a line speaks of: all scanners of a profile, or the ones that a run was limited to. */
export type LanguageScope = 'profile' | 'run';

/** Most unread files first, and what the manifest excludes last; those that were read follow by name. */
export function languagesCovered(
  facts: readonly LanguageFacts[],
  scope: LanguageScope,
): readonly LanguageCoverage[] {
  return [...facts]
    .sort((a, b) => rank(a) - rank(b) || left(b) - left(a) || (a.language < b.language ? -1 : 1))
    .map((fact) => ({ ...fact, text: languageText(fact, scope) }));
}

const RANKS: readonly LanguageState[] = ['not-read', 'partly-read', 'not-finished', 'excluded', 'read'];

/** Unread files decide, whether or not others of the language were read. */
function rank({ state }: LanguageFacts): number {
  return state === 'partly-read' ? 0 : RANKS.indexOf(state);
}

function left({ files, read, excluded }: LanguageFacts): number {
  return files - read - excluded;
}

/** Lines about files that nobody looked at; those of scanners that did not finish are told where the scanner is. */
export function languageLines(languages: readonly LanguageCoverage[] = []): readonly string[] {
  return languages
    .filter(({ state }) => state === 'not-read' || state === 'partly-read' || state === 'excluded')
    .map(({ text }) => text);
}

/** Whether some scanner would read it in a category with nothing but being enabled. */
export function canBeRead({ state, readers = [] }: LanguageFacts, category: Category): boolean {
  if (state === 'not-finished') return true;
  return readers.some((reader) => reader.category === category && isSimple(reader));
}

/** The scanner to enable for a language that nothing read; undefined where none helps by that alone. */
export function readerOf({ readers = [] }: LanguageFacts): LanguageReader | undefined {
  return readers.find(isSimple);
}

function isSimple({ option, appliesIf }: LanguageReader): boolean {
  return option === undefined && appliesIf === undefined;
}

/** `1 Ruby file`, `2 Dockerfiles`. */
export function filesText({ files, language }: Pick<LanguageFacts, 'files' | 'language'>): string {
  const name = language.endsWith('file') ? language : `${language} file`;
  return `${files} ${name}${files === 1 ? '' : 's'}`;
}

function languageText(fact: LanguageFacts, scope: LanguageScope): string {
  const { state, tools, unread = [] } = fact;
  const all = filesText(fact);
  switch (state) {
    case 'read':
      return `${all}: read by ${listed(tools, 5)}`;
    case 'partly-read':
      return `${left(fact)} of ${all}: no scanner of this ${scope} takes ${pathsText(unread, left(fact))}`;
    case 'not-finished':
      return `${all}: ${listed(tools, 3)} did not finish`;
    case 'not-read':
      return `${all}: ${unreadText(fact, scope)}`;
    case 'excluded':
      return `${all}: excluded by the manifest`;
    default:
      return unreachable(state);
  }
}

const NAMED = 3;

function pathsText(paths: readonly string[], count: number): string {
  const shown = paths.slice(0, NAMED);
  const more = count > shown.length ? ` and ${count - shown.length} more` : '';
  return `${shown.join(', ')}${more}`;
}

function unreadText(fact: LanguageFacts, scope: LanguageScope): string {
  const { language, readers = [], unread } = fact;
  const none = `no scanner of this ${scope} reads ${language}`;
  const [first] = readers;
  if (first === undefined)
    return `no scanner of secplan ${unread === undefined ? `reads ${language}` : `takes ${pathsText(unread, left(fact))}`}`;
  const simple = readers.filter(isSimple).map(({ tool }) => tool);
  if (simple.length > 0) return `${none} (${listed(simple, 2)} ${simple.length === 1 ? 'does' : 'do'})`;
  return `${none} (${conditionText(first)})`;
}

function conditionText({ tool, option, appliesIf }: LanguageReader): string {
  if (option !== undefined)
    return `${tool} does with tools.${option.of}.options.${option.name}: ${option.is}`;
  return `${tool} does where a file matches ${listed(appliesIf ?? [], 1)}`;
}
