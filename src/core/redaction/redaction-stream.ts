import type { ByteMatcher } from './byte-matcher.ts';
import { CONTEXT } from './meaning.ts';
import { SecretSearch } from './secret-search.ts';

export const MARKER = Buffer.from('[redacted]');

/**
 * Replaces every stretch of bytes that secrets cover, as they are written or meant, by one marker. Holds back only what may yet
 * become part of a match, so output does not depend on how the input is cut. Linear time.
 */
export class RedactionStream {
  private readonly matcher: ByteMatcher;
  private search: SecretSearch;
  /** Of the matcher when `held` was read. */
  private patterns: number;
  /** Bytes that were not given out, and some before them that have a say in what they mean; the first is at `origin`. */
  private held = Buffer.alloc(0);
  private origin = 0;
  /** Absolute places: given out and read up to here. */
  private base = 0;
  private readTo = 0;
  /** Covered stretches `[from, to)` that reach past `base`, in order, disjoint. */
  private covered: [number, number][] = [];
  private insideMarker = false;

  constructor(matcher: ByteMatcher) {
    this.matcher = matcher;
    this.patterns = matcher.patterns;
    this.search = this.newSearch();
  }

  /** Gives what can no longer become part of a match. */
  push(chunk: Uint8Array): Uint8Array {
    if (this.matcher.patterns === 0) {
      this.base += chunk.length;
      this.readTo = this.base;
      this.origin = this.base;
      return chunk;
    }
    this.held = this.held.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.held, chunk]);
    this.read(false);
    return this.release(this.search.settled(this.readTo));
  }

  /** Gives what was held back; the stream may be used again. */
  flush(): Uint8Array {
    this.read(true);
    const rest = this.release(this.origin + this.held.length);
    this.held = Buffer.alloc(0);
    this.origin = this.base;
    this.search = this.newSearch();
    this.insideMarker = false;
    return rest;
  }

  private read(final: boolean): void {
    if (this.patterns !== this.matcher.patterns) this.readAgain();
    const window = { bytes: this.held, base: this.origin, final };
    this.readTo = this.origin + this.search.read(window, this.readTo - this.origin);
  }

  /** Patterns were added: what is held is read again with them, what is out is out. */
  private readAgain(): void {
    this.patterns = this.matcher.patterns;
    this.search = this.newSearch();
    this.readTo = this.base;
    // The rest of a stretch whose beginning is out; all others are found again.
    this.covered = this.covered.filter(([from]) => from === this.base);
  }

  private newSearch(): SecretSearch {
    return new SecretSearch(this.matcher, (from, to) => this.cover(from, to));
  }

  /** The two readings of a text may be some way apart: a stretch may begin before those that are known. */
  private cover(from: number, to: number): void {
    const { covered } = this;
    let first = covered.length;
    while (first > 0 && (covered[first - 1]?.[1] ?? 0) >= from) first -= 1;
    let [start, end, last] = [Math.max(from, this.base), to, first];
    for (let stretch = covered[last]; stretch !== undefined && stretch[0] <= end; stretch = covered[last]) {
      start = Math.min(start, stretch[0]);
      end = Math.max(end, stretch[1]);
      last += 1;
    }
    covered.splice(first, last - first, [start, end]);
  }

  private release(until: number): Uint8Array {
    const { covered, held, base, origin } = this;
    const out: Uint8Array[] = [];
    let at = base;
    let done = 0;
    while (at < until) {
      const stretch = covered[done];
      const from = stretch === undefined ? until : Math.min(stretch[0], until);
      if (at < from) {
        out.push(held.subarray(at - origin, from - origin));
        this.insideMarker = false;
        at = from;
      }
      if (stretch === undefined || at >= until) break;
      if (!this.insideMarker) out.push(MARKER);
      this.insideMarker = true;
      at = Math.min(stretch[1], until);
      if (stretch[1] <= until) done += 1;
      else stretch[0] = until;
    }
    covered.splice(0, done);
    this.base = until;
    this.origin = Math.max(origin, Math.min(until, this.readTo - CONTEXT));
    this.held = held.subarray(this.origin - origin);
    return out.length === 1 && out[0] !== undefined ? out[0] : Buffer.concat(out);
  }
}
