import { languageNamed } from '../core/languages/languages.ts';
import { listed } from '../core/listed.ts';
import { type Coverage, unreadIn } from './coverage.ts';
import { filesText, type LanguageReader, readerOf } from './languages.ts';

type Lacking = Pick<Coverage, 'requiredMissing' | 'languages'>;

/** Why each required name has no result: one clause each. */
export function requiredReasons(coverage: Lacking): readonly string[] {
  return coverage.requiredMissing.map((name) => requiredText(name, coverage));
}

/** The scanner that makes the most of what is missing good once it is enabled, and the language that it reads. */
export function missingReader({
  requiredMissing,
  languages = [],
}: Lacking): { readonly language: string; readonly reader: LanguageReader } | undefined {
  for (const name of requiredMissing) {
    for (const one of [
      ...languages.filter(({ language }) => language === name),
      ...unreadIn(name, languages),
    ]) {
      const reader = readerOf(one);
      if (reader !== undefined) return { language: one.language, reader };
    }
  }
  return undefined;
}

function requiredText(name: string, { languages = [] }: Lacking): string {
  if (languageNamed(name)?.name === name) {
    const own = languages.find(({ language }) => language === name);
    return own === undefined
      ? `${name} is required, but the workspace has no ${name} file`
      : `${name} is required, but no scanner read ${filesText(own)}`;
  }
  const unread = unreadIn(name, languages);
  if (unread.length === 0) return `${name} is required, but no scanner covered it`;
  return `${name} is required, but no scanner of it read ${listed(unread.map(filesText), 2)}`;
}
