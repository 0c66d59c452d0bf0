import type { ByteMatcher } from './byte-matcher.ts';

export const MARKER = Buffer.from('[redacted]');

/**
 * Replaces every stretch of bytes that patterns cover by one marker. Holds back only what may yet become
 * part of a match, so output does not depend on how the input is cut. Linear time.
 */
export class RedactionStream {
  private readonly matcher: ByteMatcher;
  /** Of the matcher when `held` was read. */
  private patterns: number;
  private state = 0;
  /** Bytes read and not yet given out; the first is at absolute offset `base`. */
  private held = Buffer.alloc(0);
  private base = 0;
  /** Covered stretches `[from, to)` that reach past `base`, in order, disjoint. */
  private covered: [number, number][] = [];
  private insideMarker = false;

  constructor(matcher: ByteMatcher) {
    this.matcher = matcher;
    this.patterns = matcher.patterns;
  }

  /** Gives what can no longer become part of a match. */
  push(chunk: Uint8Array): Uint8Array {
    if (this.patterns !== this.matcher.patterns) this.readAgain();
    const start = this.base + this.held.length;
    this.held = this.held.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.held, chunk]);
    this.read(chunk, start);
    return this.release(this.base + this.held.length - this.matcher.depth(this.state));
  }

  /** Gives what was held back; the stream may be used again. */
  flush(): Uint8Array {
    if (this.patterns !== this.matcher.patterns) this.readAgain();
    const rest = this.release(this.base + this.held.length);
    this.state = 0;
    this.insideMarker = false;
    return rest;
  }

  /** Patterns were added: what is held is read again with them, what is out is out. */
  private readAgain(): void {
    this.patterns = this.matcher.patterns;
    this.state = 0;
    // The rest of a stretch whose beginning is out; all others are found again.
    this.covered = this.covered.filter(([from]) => from === this.base);
    this.read(this.held, this.base);
  }

  /** Takes note of what is covered in bytes that begin at an absolute offset. */
  private read(bytes: Uint8Array, start: number): void {
    this.state = this.matcher.read(bytes, this.state, (end, length) =>
      this.cover(start + end - length, start + end),
    );
  }

  private cover(from: number, to: number): void {
    let start = from;
    let end = to;
    for (;;) {
      const last = this.covered.at(-1);
      if (last === undefined || last[1] < start) break;
      start = Math.min(start, last[0]);
      end = Math.max(end, last[1]);
      this.covered.pop();
    }
    this.covered.push([start, end]);
  }

  private release(until: number): Uint8Array {
    const { covered, held, base } = this;
    const out: Uint8Array[] = [];
    let at = base;
    let done = 0;
    while (at < until) {
      const stretch = covered[done];
      const from = stretch === undefined ? until : Math.min(stretch[0], until);
      if (at < from) {
        out.push(held.subarray(at - base, from - base));
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
    this.held = held.subarray(until - base);
    this.base = until;
    return out.length === 1 && out[0] !== undefined ? out[0] : Buffer.concat(out);
  }
}
