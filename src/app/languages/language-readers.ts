import { BUILT_IN_PROFILES } from '../../compiler/names/profiles.ts';
import type { Language } from '../../core/languages/languages.ts';
import { compileExcludes, compileGlobs } from '../../executor/inventory/glob.ts';
import type { InventoryFile } from '../../executor/inventory/types.ts';
import type { LanguageReader } from '../../policy/languages.ts';
import type { Catalogue, CatalogueEntry } from '../../stages/contract/catalogue.ts';
import { type Covers, coversOf, type LooksFor } from '../../stages/contract/looks-for.ts';

/** Files of one language that nothing read, and all files of the workspace, by which a scanner may apply. */
export interface Unread {
  readonly language: Language;
  readonly unread: readonly InventoryFile[];
  readonly files: readonly InventoryFile[];
}

/**
 * Scanners of the catalogue that would take at least one of the files: as their own selections say, with default options or
 * with one other. Those that need nothing come first, then those of the smaller profiles.
 */
export function languageReaders(catalogue: Catalogue, unread: Unread): readonly LanguageReader[] {
  const readers = [...catalogue.values()].flatMap((entry) => readerOf(entry, catalogue, unread) ?? []);
  const rank = (reader: LanguageReader): number =>
    ('option' in reader ? 2000 : 'appliesIf' in reader ? 1000 : 0) + profileRank(reader.tool);
  return readers.sort((a, b) => rank(a) - rank(b) || (a.tool < b.tool ? -1 : 1));
}

function readerOf(
  entry: CatalogueEntry,
  catalogue: Catalogue,
  { language, unread, files }: Unread,
): LanguageReader | undefined {
  const { selection, appliesIf, target } = entry.requires;
  if (entry.kind !== 'scan' || entry.userDefined || target !== 'source' || selection === undefined)
    return undefined;
  const source = sourceOf(entry, catalogue);
  const categories = source.looksFor?.map(({ category }) => category) ?? [entry.category];
  if (!categories.some((category) => language.categories.includes(category))) return undefined;
  const included = compileGlobs(selection.include);
  const excluded = compileExcludes(selection.exclude ?? []);
  const given = unread.filter(({ path }) => included(path) && !excluded(path)).map(({ path }) => path);
  if (given.length === 0) return undefined;
  const takes = ({ category, reads }: Covers): boolean =>
    language.categories.includes(category) && (reads === undefined || given.some(compileGlobs(reads)));
  const byDefault = coversOf(source.looksFor, source.optionDefaults) ?? [{ category: entry.category }];
  const now = byDefault.find(takes);
  const otherwise =
    now === undefined ? source.looksFor?.find((one) => one.when !== undefined && takes(one)) : undefined;
  const found = now ?? otherwise;
  if (found === undefined) return undefined;
  const shows = appliesIf === undefined ? undefined : compileGlobs(appliesIf);
  const applies = shows === undefined || files.some(({ path }) => shows(path));
  return {
    tool: entry.id,
    category: found.category,
    ...optionOf(source.id, otherwise),
    ...(applies || appliesIf === undefined ? {} : { appliesIf }),
  };
}

function optionOf(of: string, looksFor: LooksFor | undefined): Pick<LanguageReader, 'option'> {
  return looksFor?.when === undefined
    ? {}
    : { option: { of, name: looksFor.when.option, is: looksFor.when.is } };
}

/** What it reads is what the database that it asks holds. */
function sourceOf(entry: CatalogueEntry, catalogue: Catalogue): CatalogueEntry {
  if (entry.looksFor !== undefined) return entry;
  const databases = (entry.requires.consumes ?? []).flatMap(({ from }) => catalogue.get(from) ?? []);
  return (
    databases.find((database) => database.kind === 'database' && database.looksFor !== undefined) ?? entry
  );
}

/** How early a built-in profile enables a tool: people know those best. */
function profileRank(tool: string): number {
  const at = [...BUILT_IN_PROFILES.values()].findIndex(({ enable }) => enable.includes(tool));
  return at < 0 ? BUILT_IN_PROFILES.size : at;
}
