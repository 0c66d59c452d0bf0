import type { Category } from '../../core/category.ts';

/** One kind of flaw that a scanner looks for, where that is not simply its category in all files of its selection. */
export interface LooksFor {
  readonly category: Category;
  /** Globs of the files that it reads for it; absent: all that it is given. */
  readonly reads?: readonly string[];
  /** Only where the option is this word, or a list that has it. */
  readonly when?: { readonly option: string; readonly is: string };
}

/** A category that a stage covers, and in which of its files; absent `reads`: in all. */
export type Covers = Omit<LooksFor, 'when'>;

/** What a scanner with these options looks for; undefined where its definition says nothing but its category. */
export function coversOf(
  looksFor: readonly LooksFor[] | undefined,
  options: Readonly<Record<string, unknown>>,
): readonly Covers[] | undefined {
  return looksFor
    ?.filter(({ when }) => when === undefined || holds(options[when.option], when.is))
    .map(({ when: _, ...covers }) => covers);
}

function holds(value: unknown, word: string): boolean {
  return value === word || (Array.isArray(value) && value.includes(word));
}
