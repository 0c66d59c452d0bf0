import { ENTITIES } from './entities.ts';

/** There is no character: a colour code, a backslash at the end. */
export const NOTHING = -1;
const END = -2;
/** Set in the code of a character that is no single byte; the rest is its code point. */
export const POINT = 0x200000;

/** How deep escapes are undone: JSON in HTML in JSON, a percent sign that was escaped twice. */
const DEPTH = 3;
const MOST_PARAMETERS = 24;
const LONGEST_ENTITY = 9;

const BACKSLASH = 0x5c;
const PERCENT = 0x25;
const AMPERSAND = 0x26;
const SEMICOLON = 0x3b;
const ESC = 0x1b;

/** What a letter behind a backslash stands for. */
const LETTERS: ReadonlyMap<number, number> = new Map(
  [
    ['n', 10],
    ['r', 13],
    ['t', 9],
    ['b', 8],
    ['f', 12],
  ].map(([letter, code]) => [String(letter).charCodeAt(0), Number(code)]),
);
const DIGITS_BEHIND: ReadonlyMap<number, number> = new Map([
  [0x75, 4], // \u0026
  [0x55, 8], // \U00000026
  [0x78, 2], // \x26
]);

/**
 * Reads one character of a text, however it is escaped: by backslashes (JSON, C, shells), as an entity of XML and HTML,
 * by percent signs, with colour codes of a terminal before it; and each of these inside the other.
 */
export class CharacterReader {
  /** What was read: a byte, `POINT` and a code point, or `NOTHING`. */
  code = NOTHING;
  /** The place behind it. */
  next = 0;
  private bytes: Uint8Array = new Uint8Array(0);
  private end = 0;

  /** Reads at a place, and looks at nothing from `end` on. */
  read(bytes: Uint8Array, at: number, end: number): void {
    this.bytes = bytes;
    this.end = end;
    this.readAt(at, DEPTH);
    if (this.code === END) this.code = NOTHING;
  }

  private readAt(at: number, depth: number): void {
    this.next = at + 1;
    if (at >= this.end) {
      this.code = END;
      this.next = this.end;
      return;
    }
    this.code = this.bytes[at] ?? 0;
    if (depth === 0 || !opens(this.code)) return;
    this.readAt(at, depth - 1);
    const [code, next] = [this.code, this.next];
    if (!opens(code) || this.undo(code, depth - 1)) return;
    this.code = code;
    this.next = next;
  }

  /** Reads what an escape stands for, its first character being read. False where it is none. */
  private undo(code: number, depth: number): boolean {
    if (code === BACKSLASH) return this.afterBackslash(depth);
    if (code === PERCENT) return this.digits(2, 16, depth);
    if (code === AMPERSAND) return this.entity(depth);
    return this.color(depth);
  }

  /**
   * Any number of backslashes counts as one: what is escaped twice is escaped. A zero of UTF-16 may stand between. Never
   * false: a backslash goes.
   */
  private afterBackslash(depth: number): boolean {
    do this.readAt(this.next, depth);
    while (this.code === BACKSLASH || this.code === 0);
    const { code, next } = this;
    const count = DIGITS_BEHIND.get(code);
    if (count !== undefined) {
      if (this.digits(count, 16, depth)) {
        if (count > 2) this.code = asPoint(this.code);
      } else if (code !== 0x75 || !this.braced(next, depth)) {
        this.code = code;
        this.next = next;
      }
      return true;
    }
    if (code >= 0x30 && code <= 0x33) {
      const value = code - 0x30;
      if (this.digits(2, 8, depth)) this.code += value * 64;
      else {
        this.code = code;
        this.next = next;
      }
      return true;
    }
    // `\e[31m`: of shells, where a sequence follows.
    if (code === 0x65) {
      this.readAt(next, depth);
      this.code = this.is(0x5b) ? ESC : code;
      this.next = next;
      return true;
    }
    this.code = LETTERS.get(code) ?? code;
    return true;
  }

  /** `{26}` of `\u{26}`. */
  private braced(from: number, depth: number): boolean {
    this.readAt(from, depth);
    if (!this.is(0x7b)) return false;
    let value = 0;
    for (let count = 0; count < 7; count += 1) {
      this.readAt(this.next, depth);
      if (count > 0 && this.is(0x7d)) {
        this.code = asPoint(value);
        return true;
      }
      const digit = digitOf(this.code, 16);
      if (digit < 0) return false;
      value = value * 16 + digit;
    }
    return false;
  }

  private is(code: number): boolean {
    return this.code === code;
  }

  private digits(count: number, radix: number, depth: number): boolean {
    let value = 0;
    for (let read = 0; read < count; read += 1) {
      this.readAt(this.next, depth);
      const digit = digitOf(this.code, radix);
      if (digit < 0) return false;
      value = value * radix + digit;
    }
    this.code = value;
    return true;
  }

  private entity(depth: number): boolean {
    let name = '';
    for (let read = 0; read <= LONGEST_ENTITY; read += 1) {
      this.readAt(this.next, depth);
      if (this.code === SEMICOLON) {
        const code = codeOf(name);
        if (code === undefined) return false;
        this.code = asPoint(code);
        return true;
      }
      if (this.code < 0x23 || this.code > 0x7a) return false;
      name += String.fromCharCode(this.code);
    }
    return false;
  }

  /** The rest of a terminal's control sequence, or of a choice of characters: nothing is printed, as of an escape alone. */
  private color(depth: number): boolean {
    const behind = this.next;
    this.readAt(this.next, depth);
    if (this.code === 0x28) {
      this.readAt(this.next, depth);
      this.code = NOTHING;
      return true;
    }
    if (this.code !== 0x5b) return this.nothing(behind);
    for (let read = 0; read <= MOST_PARAMETERS; read += 1) {
      this.readAt(this.next, depth);
      if (this.code >= 0x40 && this.code <= 0x7e) {
        this.code = NOTHING;
        return true;
      }
      if (this.code < 0x20 || this.code > 0x3f) break;
    }
    return this.nothing(behind);
  }

  private nothing(next: number): true {
    this.code = NOTHING;
    this.next = next;
    return true;
  }
}

function opens(code: number): boolean {
  return code === BACKSLASH || code === PERCENT || code === AMPERSAND || code === ESC;
}

function asPoint(code: number): number {
  return code < 0x80 ? code : code | POINT;
}

function codeOf(name: string): number | undefined {
  const numeric = /^#(?:[xX]([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name);
  if (numeric === null) return ENTITIES.get(name);
  const code = numeric[1] === undefined ? Number(numeric[2]) : Number.parseInt(numeric[1], 16);
  return code > 0x10ffff ? undefined : code;
}

function digitOf(code: number, radix: number): number {
  const digit =
    code >= 0x30 && code <= 0x39 ? code - 0x30 : (code | 0x20) >= 0x61 ? (code | 0x20) - 0x57 : -1;
  return digit < radix ? digit : -1;
}
