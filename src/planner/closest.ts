import { byCodeUnit } from '../core/canonical.ts';

const LONGEST = 64;

/** The candidate within a third of the word's length in edits, the nearest first, ties by code unit; or undefined. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > LONGEST) return undefined;
  const limit = Math.max(1, Math.floor(word.length / 3));
  let best: { readonly text: string; readonly edits: number } | undefined;
  for (const text of [...candidates].sort(byCodeUnit)) {
    if (text.length > LONGEST || Math.abs(text.length - word.length) > limit) continue;
    const edits = distance(word, text);
    if (edits <= limit && (best === undefined || edits < best.edits)) best = { text, edits };
  }
  return best?.text;
}

// Levenshtein, with one row kept.
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
