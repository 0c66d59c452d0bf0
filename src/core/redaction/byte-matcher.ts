import { ByteTrie, ROOT } from './byte-trie.ts';
import { PrefixFilter, SPAN } from './prefix-filter.ts';

/**
 * Finds patterns in bytes, and patterns can be added at any time: an Aho-Corasick automaton behind a filter. Adding and
 * reading are linear in the bytes. A state's failure link is found when it is first asked for: of the many states of
 * long patterns, text reaches few.
 */
export class ByteMatcher {
  private readonly trie = new ByteTrie();
  private readonly filter = new PrefixFilter();
  /** By state: one more than its failure link; 0 where it was not asked for yet. */
  private links = new Int32Array(0);
  /** By state whose link is known: length of the longest pattern that ends in it; 0 when none does. */
  private longest = new Int32Array(0);
  private linked: number[] = [];
  private patternCount = 0;

  /** How many patterns were added. Where the number has changed, text that was read may hold what was not seen. */
  get patterns(): number {
    return this.patternCount;
  }

  /** Adds a pattern; one that is empty or is there already changes nothing. States stay what they are. */
  add(pattern: Uint8Array): void {
    if (!this.trie.add(pattern)) return;
    this.patternCount += 1;
    this.filter.add(pattern);
    for (const state of this.linked) this.links[state] = 0;
    this.linked = [];
  }

  /**
   * Reads bytes from a state (0 at the start) on and gives the state behind them. Calls `found` with the place behind
   * each stretch that a pattern covers and its length; of several that end there, the longest.
   */
  read(bytes: Uint8Array, from: number, found: (end: number, length: number) => void): number {
    if (this.patternCount === 0) return ROOT;
    this.makeRoom();
    let state = from;
    /** What ends before this place was found already. */
    let told = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      if (state === ROOT) at = this.filter.next(bytes, at);
      if (at === bytes.length) break;
      const byte = bytes[at] ?? 0;
      const child = this.trie.child(state, byte);
      state = child === ROOT ? this.fallBack(state, byte) : child;
      const length = this.matched(state);
      if (length > 0 && at >= told) found(at + 1, length);
      if (child !== ROOT || state === ROOT) continue;
      // What began before is no pattern. Where what is left is short, the filter tells sooner what it may become, if it
      // can see all of its beginning.
      const depth = this.trie.depth(state);
      const start = at + 1 - depth;
      if (depth >= SPAN || start < 0 || start + SPAN > bytes.length) continue;
      told = Math.max(told, at + 1);
      state = ROOT;
      at = start - 1;
    }
    return state;
  }

  /** Whether a pattern stands anywhere in these bytes. */
  isIn(bytes: Uint8Array): boolean {
    let holds = false;
    this.read(bytes, ROOT, () => {
      holds = true;
    });
    return holds;
  }

  /** Length of the longest pattern prefix that the text read so far ends with: what may yet become a match. */
  depth(state: number): number {
    return this.trie.depth(state);
  }

  private fallBack(from: number, byte: number): number {
    let at = from;
    for (;;) {
      if (at === ROOT) return ROOT;
      at = this.failure(at);
      const to = this.trie.child(at, byte);
      if (to !== ROOT) return to;
    }
  }

  private matched(state: number): number {
    if (!this.isLinked(state)) this.link(state);
    return this.longest[state] ?? 0;
  }

  private failure(state: number): number {
    if (!this.isLinked(state)) this.link(state);
    return Math.max((this.links[state] ?? 0) - 1, ROOT);
  }

  private isLinked(state: number): boolean {
    return state === ROOT || this.links[state] !== 0;
  }

  /** Finds a state's link, and first all links that it hangs on. No recursion: patterns may be of any length. */
  private link(wanted: number): void {
    const open = [wanted];
    /** By open state: how far the search for its link has come; -1 where it has not begun. */
    const reached = [-1];
    for (let top = 0; top >= 0; top = open.length - 1) {
      const state = open[top] ?? ROOT;
      const needed = this.tryLink(state, reached[top] ?? -1);
      if (needed === undefined) {
        open.pop();
        reached.pop();
        continue;
      }
      reached[top] = needed.at;
      open.push(needed.first);
      reached.push(-1);
    }
  }

  /** Links a state, or says how far it came and which state must be linked first. */
  private tryLink(
    state: number,
    reached: number,
  ): { readonly at: number; readonly first: number } | undefined {
    const parent = this.trie.parent(state);
    if (!this.isLinked(parent)) return { at: -1, first: parent };
    const byte = this.trie.byte(state);
    let at = reached;
    let to = ROOT;
    if (parent !== ROOT) {
      if (at < 0) at = this.failure(parent);
      to = this.trie.child(at, byte);
      while (to === ROOT && at !== ROOT) {
        if (!this.isLinked(at)) return { at, first: at };
        at = this.failure(at);
        to = this.trie.child(at, byte);
      }
      if (!this.isLinked(to)) return { at, first: to };
    }
    this.links[state] = to + 1;
    this.linked.push(state);
    this.longest[state] = this.trie.ends(state) ? this.trie.depth(state) : (this.longest[to] ?? 0);
    return undefined;
  }

  /** There are new states only after a pattern was added, and then no link is known. */
  private makeRoom(): void {
    if (this.trie.size <= this.links.length) return;
    this.links = new Int32Array(this.trie.size * 2);
    this.longest = new Int32Array(this.trie.size * 2);
  }
}
