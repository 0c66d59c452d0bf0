/** Patterns of at least this length are told apart by their first bytes, all others by their first byte alone. */
export const SPAN = 6;

const NONE = 0;
const LONG_ONLY = 1;
const SHORT = 2;

/**
 * Where in a text a pattern may begin, in a few operations a byte however many patterns there are: what it steps over
 * begins none, what it stops at may. A bit set of hashes of the patterns' first bytes, at most 1 in 32 of them set.
 */
export class PrefixFilter {
  /** By first byte: whether patterns begin with it. */
  private readonly first = new Uint8Array(256);
  private readonly hashes: number[] = [];
  private bits = new Int32Array(256);

  /** Adds a pattern that is not empty. */
  add(pattern: Uint8Array): void {
    const byte = pattern[0] ?? 0;
    if (pattern.length < SPAN) {
      this.first[byte] = SHORT;
      return;
    }
    if (this.first[byte] === NONE) this.first[byte] = LONG_ONLY;
    const hash = hashAt(pattern, 0);
    this.hashes.push(hash);
    this.set(hash);
    if (this.hashes.length <= this.bits.length) return;
    this.bits = new Int32Array(this.bits.length * 2);
    for (const each of this.hashes) this.set(each);
  }

  /** The first place from `from` on where a pattern may begin; the length when there is none. */
  next(bytes: Uint8Array, from: number): number {
    const { first, bits } = this;
    const mask = bits.length - 1;
    const whole = bytes.length - SPAN;
    let at = from;
    for (; at <= whole; at += 1) {
      const kind = first[bytes[at] ?? 0];
      if (kind === NONE) continue;
      if (kind === SHORT) return at;
      const hash = hashAt(bytes, at);
      if ((((bits[(hash >>> 5) & mask] ?? 0) >>> (hash & 31)) & 1) !== 0) return at;
    }
    // Too few bytes are left to tell.
    while (at < bytes.length && first[bytes[at] ?? 0] === NONE) at += 1;
    return at;
  }

  private set(hash: number): void {
    const word = (hash >>> 5) & (this.bits.length - 1);
    this.bits[word] = (this.bits[word] ?? 0) | (1 << (hash & 31));
  }
}

function hashAt(bytes: Uint8Array, at: number): number {
  const low =
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24);
  const high = (bytes[at + 4] ?? 0) | ((bytes[at + 5] ?? 0) << 8);
  const mixed = Math.imul(Math.imul(low, 0x9e3779b1) ^ high, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
