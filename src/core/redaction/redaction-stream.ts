import type { ByteMatcher } from './byte-matcher.ts';

export const MARKER = Buffer.from('[redacted]');

/** A transform for a stream of bytes. */
export interface RedactionStream {
  /** Gives what can no longer become part of a match. */
  push(chunk: Uint8Array): Uint8Array;
  /** Gives what was held back; the stream may be used again. */
  flush(): Uint8Array;
}

/**
 * Replaces every stretch of bytes that patterns cover by one marker. Holds back only what may yet become
 * part of a match, so output does not depend on how the input is cut. Linear time.
 */
export function createRedactionStream(currentMatcher: () => ByteMatcher): RedactionStream {
  let matcher = currentMatcher();
  let state = 0;
  /** Bytes read and not yet given out; the first is at absolute offset `base`. */
  let held = Buffer.alloc(0);
  let base = 0;
  /** Covered stretches `[from, to)` that reach past `base`, in order, disjoint. */
  const covered: [number, number][] = [];
  let insideMarker = false;

  function push(chunk: Uint8Array): Uint8Array {
    if (matcher !== currentMatcher()) adopt(currentMatcher());
    const start = base + held.length;
    held = held.length === 0 ? Buffer.from(chunk) : Buffer.concat([held, chunk]);
    for (let index = 0; index < chunk.length; index += 1) {
      // Nearly all bytes begin nothing: they are stepped over without asking the automaton.
      if (state === 0) index = matcher.nextStart(chunk, index);
      if (index === chunk.length) break;
      state = matcher.next(state, chunk[index] ?? 0);
      const length = matcher.matched(state);
      if (length > 0) cover(start + index + 1 - length, start + index + 1);
    }
    return release(base + held.length - matcher.depth(state));
  }

  /** New patterns were learned: what is held is read again with them, what is out is out. */
  function adopt(next: ByteMatcher): void {
    matcher = next;
    state = 0;
    for (let index = 0; index < held.length; index += 1) {
      state = matcher.next(state, held[index] ?? 0);
      const length = matcher.matched(state);
      if (length > 0) cover(base + index + 1 - length, base + index + 1);
    }
  }

  function cover(from: number, to: number): void {
    let start = from;
    let end = to;
    for (;;) {
      const last = covered.at(-1);
      if (last === undefined || last[1] < start) break;
      start = Math.min(start, last[0]);
      end = Math.max(end, last[1]);
      covered.pop();
    }
    covered.push([start, end]);
  }

  function release(until: number): Uint8Array {
    const out: Uint8Array[] = [];
    let at = base;
    while (at < until) {
      const stretch = covered[0];
      const from = stretch === undefined ? until : Math.min(stretch[0], until);
      if (at < from) {
        out.push(held.subarray(at - base, from - base));
        insideMarker = false;
        at = from;
      }
      if (stretch === undefined || at >= until) break;
      if (!insideMarker) out.push(MARKER);
      insideMarker = true;
      at = Math.min(stretch[1], until);
      if (stretch[1] <= until) covered.shift();
      else stretch[0] = until;
    }
    held = held.subarray(until - base);
    base = until;
    return out.length === 1 && out[0] !== undefined ? out[0] : Buffer.concat(out);
  }

  function flush(): Uint8Array {
    const rest = release(base + held.length);
    state = 0;
    insideMarker = false;
    return rest;
  }

  return { push, flush };
}
