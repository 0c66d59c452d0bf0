/** States of an Aho-Corasick automaton over bytes; 0 is the root. */
export interface ByteMatcher {
  next(state: number, byte: number): number;
  /** The first place from `from` on whose byte begins a pattern; the length when none does. */
  nextStart(bytes: Uint8Array, from: number): number;
  /** Length of the longest pattern that ends in this state; 0 when none does. */
  matched(state: number): number;
  /** Length of the longest pattern prefix that the text read so far ends with: what may yet become a match. */
  depth(state: number): number;
}

/** Builds the automaton; time and space are linear in the patterns' bytes. */
export function createByteMatcher(patterns: readonly Uint8Array[]): ByteMatcher {
  const edges = new Map<number, number>();
  const root = new Int32Array(256);
  const depths: number[] = [0];
  const longest: number[] = [0];
  const parents: number[] = [0];
  const bytes: number[] = [0];
  for (const pattern of patterns) {
    let state = 0;
    for (const byte of pattern) {
      let to = edges.get(state * 256 + byte);
      if (to === undefined) {
        to = depths.length;
        edges.set(state * 256 + byte, to);
        depths.push((depths[state] ?? 0) + 1);
        longest.push(0);
        parents.push(state);
        bytes.push(byte);
        if (state === 0) root[byte] = to;
      }
      state = to;
    }
    if (state !== 0) longest[state] = pattern.length;
  }
  const failure = new Int32Array(depths.length);
  function next(from: number, byte: number): number {
    let state = from;
    while (state !== 0) {
      const to = edges.get(state * 256 + byte);
      if (to !== undefined) return to;
      state = failure[state] ?? 0;
    }
    return root[byte] ?? 0;
  }
  // Breadth first: a state's failure is shallower than itself, so it is ready when it is asked for.
  for (const state of inBreadthFirstOrder(depths)) {
    const parent = parents[state] ?? 0;
    const link = parent === 0 ? 0 : next(failure[parent] ?? 0, bytes[state] ?? 0);
    failure[state] = link;
    longest[state] = Math.max(longest[state] ?? 0, longest[link] ?? 0);
  }
  function nextStart(bytes: Uint8Array, from: number): number {
    if (patterns.length === 0) return bytes.length;
    let at = from;
    while (at < bytes.length && root[bytes[at] ?? 0] === 0) at += 1;
    return at;
  }
  return {
    next,
    nextStart,
    matched: (state) => longest[state] ?? 0,
    depth: (state) => depths[state] ?? 0,
  };
}

function inBreadthFirstOrder(depths: readonly number[]): number[] {
  const levels: number[][] = [];
  for (let state = 1; state < depths.length; state += 1) {
    const depth = depths[state] ?? 0;
    const level = levels[depth] ?? [];
    level.push(state);
    levels[depth] = level;
  }
  return levels.flatMap((level) => level ?? []);
}
