import type { ByteMatcher } from './byte-matcher.ts';
import { ROOT } from './byte-trie.ts';
import { Meaning, type Window } from './meaning.ts';

/** Bytes read twice before a look whether once would do. */
const STRETCH = 1024;

/**
 * Looks for secrets in bytes as they are written and as they are meant. Both readings go through one automaton: where
 * both are in the same state and nothing is escaped, one of them does for both.
 */
export class SecretSearch {
  private readonly matcher: ByteMatcher;
  private readonly cover: (from: number, to: number) => void;
  private readonly meaning = new Meaning();
  private written = ROOT;
  private meant = ROOT;
  /** Bytes since the last escape. */
  private calm = 0;

  /** `cover` is called with the absolute places of each stretch that a secret covers. */
  constructor(matcher: ByteMatcher, cover: (from: number, to: number) => void) {
    this.matcher = matcher;
    this.cover = cover;
  }

  /** Reads from an index on and gives that of the first byte which cannot be told without more that follow. */
  read(window: Window, from: number): number {
    const { bytes, base } = window;
    let at = from;
    while (at < bytes.length) {
      const special = this.meaning.next(window, at);
      for (let start = at; start < special; ) start = this.readPlain(window, start, special);
      at = special;
      if (at === bytes.length) break;
      const { places } = this.meaning;
      const before = places.length;
      const { meant, next } = this.meaning.undo(window, at);
      if (next === at) break;
      this.calm = 0;
      this.written = this.readWritten(bytes.subarray(at, next), base + at);
      this.meant = this.readMeant(meant, before);
      at = next;
      places.forget(places.length - this.matcher.depth(this.meant));
    }
    return at;
  }

  /** The absolute place before which nothing may yet become part of a match; `read` is the place read up to. */
  settled(read: number): number {
    const { places } = this.meaning;
    const depth = this.matcher.depth(this.meant);
    const meant = depth === 0 ? read : places.startOf(places.length - depth);
    return Math.min(read - this.matcher.depth(this.written), meant);
  }

  /** Reads bytes that mean themselves, once if that does for both readings. Gives the index behind what it read. */
  private readPlain({ bytes, base }: Window, from: number, to: number): number {
    const once = this.agree();
    const end = once ? to : Math.min(to, from + STRETCH);
    const plain = bytes.subarray(from, end);
    const { places } = this.meaning;
    const before = places.length;
    places.put(plain.length, base + from, base + end);
    this.calm += plain.length;
    this.written = this.readWritten(plain, base + from);
    this.meant = once ? this.written : this.readMeant(plain, before);
    return end;
  }

  private agree(): boolean {
    if (this.written !== this.meant) return false;
    return this.written === ROOT || this.matcher.depth(this.written) <= this.calm;
  }

  private readWritten(bytes: Uint8Array, start: number): number {
    return this.matcher.read(bytes, this.written, (end, length) =>
      this.cover(start + end - length, start + end),
    );
  }

  private readMeant(bytes: Uint8Array, start: number): number {
    const { places } = this.meaning;
    return this.matcher.read(bytes, this.meant, (end, length) =>
      this.cover(places.startOf(start + end - length), places.endOf(start + end - 1)),
    );
  }
}
