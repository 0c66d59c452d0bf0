import { CharacterReader, NOTHING, POINT } from './character-reader.ts';
import { PlaceMap } from './place-map.ts';

/** Bytes to read, the first at absolute place `base`; `final` when none follow. */
export interface Window {
  readonly bytes: Uint8Array;
  readonly base: number;
  readonly final: boolean;
}

/** What an escape is decided by: at most so many bytes from its beginning. */
const LOOKAHEAD = 64;
/** So many bytes of base64 before a line break are a line that was cut to a width; widths are 64 and 76. */
const LINE = 56;
/** So many bytes without an escape end a stretch that is read as meant. */
const CALM = 32;
/** At most so many bytes before a place have a say in what it means. */
export const CONTEXT = 3;

const BASE64 = 0;
const OTHER = 1;
/** Special between pairs of hexadecimal digits; beside a quotation mark; behind a line of base64; always. */
const SEPARATOR = 2;
const MARK = 3;
const BREAK = 4;
const SPECIAL = 5;
const KINDS = kindsOfBytes();
const HEX = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[0-9a-fA-F]/.test(String.fromCharCode(byte)) ? 1 : 0,
);

const [LF, CR, TAB, SPACE, QUOTE, APOSTROPHE, DASH, COLON, BACKSLASH] = [
  10, 13, 9, 0x20, 0x22, 0x27, 0x2d, 0x3a, 0x5c,
];

/** A quotation mark that was read, and how far to look behind it. */
interface Mark {
  readonly mark: number;
  readonly index: number;
  readonly next: number;
  readonly end: number;
}

/** Filled and read within one call. */
const OUT = Buffer.alloc(4096);

/**
 * What bytes mean, however they were written: escapes undone, doubled quotes single, without terminal colours, NULs (of
 * UTF-16), separators between pairs of hexadecimal digits, and the breaks in base64 that is cut into lines.
 * Most bytes mean themselves; what `next` steps over does.
 */
export class Meaning {
  private readonly reader = new CharacterReader();
  /** From places among the bytes that are meant to places among those that were written. */
  readonly places = new PlaceMap();
  /** Absolute place behind the last byte that base64 does not have. */
  private brokenAt = 0;
  private length = 0;

  /** The first index from `at` on of what does not mean itself, or of what cannot be told without more bytes. */
  next(window: Window, at: number): number {
    const { bytes, base } = window;
    const { length } = bytes;
    let broken = this.brokenAt - base;
    let index = at;
    for (; index < length; index += 1) {
      const byte = bytes[index] ?? 0;
      const kind = KINDS[byte];
      if (kind === BASE64) continue;
      // Most separators stand beside no digit; to see it here spares a call for every fifth byte.
      if (kind === SEPARATOR && (index === 0 || HEX[bytes[index - 1] ?? 0] === 0)) {
        if (byte !== DASH) broken = index + 1;
        continue;
      }
      if (kind !== OTHER && this.isSpecial(window, index, broken)) break;
      if (byte !== DASH) broken = index + 1;
    }
    this.brokenAt = base + broken;
    return index;
  }

  /**
   * Undoes escapes from an index on, up to a calm stretch or to what cannot be told without more bytes. Gives the bytes
   * meant, good until the next call, and the index behind those that were read.
   */
  undo(window: Window, at: number): { readonly meant: Uint8Array; readonly next: number } {
    const { bytes, base, final } = window;
    this.length = 0;
    let index = at;
    for (let calm = 0; index < bytes.length && calm < CALM && this.length < OUT.length - 4; ) {
      const byte = bytes[index] ?? 0;
      const kind = KINDS[byte] ?? OTHER;
      if (kind !== BASE64 && kind !== OTHER && this.isSpecial(window, index, this.brokenAt - base)) {
        if (!final && index + LOOKAHEAD > bytes.length) break;
        index = this.undoOne(window, index);
        calm = 0;
        continue;
      }
      this.put(byte, base + index, base + index + 1);
      if (kind !== BASE64 && byte !== DASH) this.brokenAt = base + index + 1;
      index += 1;
      calm += 1;
    }
    return { meant: OUT.subarray(0, this.length), next: index };
  }

  /** Whether a byte does not mean itself in this company; also where too few bytes follow to tell. */
  private isSpecial({ bytes, final }: Window, index: number, broken: number): boolean {
    const byte = bytes[index] ?? 0;
    const after = bytes[index + 1] ?? NOTHING;
    switch (KINDS[byte]) {
      case BREAK:
        return index - broken >= LINE;
      case MARK:
        return after === NOTHING ? !final : after === byte || after === BACKSLASH || after === QUOTE;
      case SEPARATOR: {
        if (!isHex(bytes[index - 1]) || !isHex(bytes[index - 2]) || isHex(bytes[index - 3])) return false;
        const [second, third] = [bytes[index + 2], bytes[index + 3]];
        if (third === undefined && !final) return true;
        return isHex(after) && isHex(second) && !isHex(third);
      }
      default:
        return true;
    }
  }

  /** Undoes what is at an index and gives the index behind it. */
  private undoOne(window: Window, index: number): number {
    const { bytes, base } = window;
    const byte = bytes[index] ?? 0;
    if (byte === SPACE || byte === COLON || byte === DASH) return index + 1;
    const shell = byte === APOSTROPHE && isShellQuote(bytes, index);
    const end = Math.min(bytes.length, index + LOOKAHEAD);
    this.reader.read(bytes, index, end);
    const { code } = this.reader;
    const next = shell ? index + 5 : this.reader.next;
    if (code === NOTHING) return next;
    if (code === 0) {
      this.places.extend(base + index, base + next);
      return next;
    }
    if ((code === LF || code === CR) && base + index - this.brokenAt >= LINE) {
      const joined = this.joins(bytes, next, end);
      if (joined >= 0) return joined;
    }
    if (code === QUOTE || code === APOSTROPHE)
      return this.undoQuotes(window, { index, next, end, mark: code });
    this.put(code, base + index, base + next);
    if (code > 0xff || KINDS[code] !== BASE64) this.brokenAt = base + next;
    return next;
  }

  /**
   * One quotation mark or several in a row, each escaped or not, mean one. The first and the last may be what encloses a
   * value, where they are not escaped: then they are no part of it. Gives the index behind them.
   */
  private undoQuotes({ bytes, base }: Window, first: Mark): number {
    const { mark, end } = first;
    const run: { readonly from: number; readonly to: number }[] = [{ from: first.index, to: first.next }];
    for (let at = first.next; at < end; at = this.reader.next) {
      this.reader.read(bytes, at, end);
      if (this.reader.code !== mark) break;
      run.push({ from: at, to: this.reader.next });
    }
    const bare = (at: number) => run.length > 1 && run.at(at)?.to === (run.at(at)?.from ?? 0) + 1;
    const from = run[bare(0) ? 1 : 0]?.from ?? first.index;
    const to = run.at(bare(-1) ? -2 : -1)?.to ?? first.next;
    this.put(mark, base + from, base + to);
    const next = run.at(-1)?.to ?? first.next;
    this.brokenAt = base + next;
    return next;
  }

  /** Where base64 goes on behind a line break and an indentation; -1 where it does not. */
  private joins(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    for (;;) {
      if (at >= end) return -1;
      this.reader.read(bytes, at, end);
      const { code, next } = this.reader;
      if (code !== LF && code !== CR && code !== SPACE && code !== TAB) {
        return code >= 0 && code <= 0xff && KINDS[code] === BASE64 ? at : -1;
      }
      at = next;
    }
  }

  private put(code: number, from: number, to: number): void {
    const before = this.length;
    if (code <= 0xff) {
      OUT[this.length] = code;
      this.length += 1;
    } else {
      const point = code & (POINT - 1);
      const sizes = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
      const lead = sizes === 2 ? 0xc0 : sizes === 3 ? 0xe0 : 0xf0;
      for (let left = sizes - 1; left >= 0; left -= 1) {
        const bits = (point >>> (6 * left)) & 0x3f;
        OUT[this.length] = left === sizes - 1 ? lead | (point >>> (6 * left)) : 0x80 | bits;
        this.length += 1;
      }
    }
    this.places.put(this.length - before, from, to);
  }
}

/** What a whole text means. */
export function meaningOf(bytes: Uint8Array): Buffer {
  const meaning = new Meaning();
  const window = { bytes, base: 0, final: true };
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const special = meaning.next(window, at);
    parts.push(Buffer.from(bytes.subarray(at, special)));
    if (special === bytes.length) break;
    const { meant, next } = meaning.undo(window, special);
    parts.push(Buffer.from(meant));
    at = next;
  }
  return Buffer.concat(parts);
}

/** `'"'"'`: how Python's shlex has an apostrophe within apostrophes. */
function isShellQuote(bytes: Uint8Array, index: number): boolean {
  return [APOSTROPHE, QUOTE, APOSTROPHE, QUOTE, APOSTROPHE].every((byte, at) => bytes[index + at] === byte);
}

function isHex(byte: number | undefined): boolean {
  return byte !== undefined && HEX[byte] === 1;
}

function kindsOfBytes(): Uint8Array {
  const kinds = new Uint8Array(256).fill(OTHER);
  const set = (characters: string, kind: number) => {
    for (const character of characters) kinds[character.charCodeAt(0)] = kind;
  };
  set('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_', BASE64);
  set(' :-', SEPARATOR);
  set('"\'', MARK);
  set('\n\r', BREAK);
  set('\\%&\x1b\0', SPECIAL);
  return kinds;
}
