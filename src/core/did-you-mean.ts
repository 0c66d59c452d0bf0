const LONGEST = 64;

/**
 * The candidate that a text was likely meant to be: the nearest by Damerau-Levenshtein distance (optimal string
 * alignment) within a third of its length, else the first that it begins.
 */
export function didYouMean(text: string, candidates: Iterable<string>): string | undefined {
  if (text.length === 0 || text.length > LONGEST) return undefined;
  const wanted = text.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(text.length / 3)) + 1;
  let begins: string | undefined;
  for (const candidate of [...candidates].sort()) {
    const name = candidate.toLowerCase();
    if (candidate === text || candidate.length > LONGEST) continue;
    if (wanted.length >= 3 && (name.startsWith(`${wanted}-`) || wanted.startsWith(`${name}-`)))
      begins ??= candidate;
    const distance = alignmentDistance(wanted, name);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best ?? begins;
}

/** Insertions, deletions, substitutions and swaps of neighbours between two texts. */
export function alignmentDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
