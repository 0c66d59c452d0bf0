import { LIMITS } from '../source/limits.ts';

export interface JsonFault {
  readonly code: 'SP1004' | 'SP1006' | 'SP1007';
  readonly offset: number;
  readonly message: string;
}

/** Told of every value, in document order: the key that holds it (-1 in a list), and offsets of key and value. */
export interface JsonVisitor {
  /** A value begins; `key` is the member's name or the index. */
  enter(key: string | number, keyOffset: number, valueOffset: number): void;
  leave(): void;
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const WORD = /true|false|null/y;
const SPACE = /[ \t\r\n]*/y;

interface Frame {
  /** Keys seen; absent for a list. */
  readonly keys: Set<string> | undefined;
  index: number;
}

/**
 * Reads strict JSON (RFC 8259) once, with its own stack: no comment, no trailing comma, no key twice, at most 64
 * levels. Returns every duplicate key, or the first other fault.
 */
export function scanJson(text: string, visitor?: JsonVisitor): JsonFault[] {
  const faults: JsonFault[] = [];
  const stack: Frame[] = [];
  let at = 0;
  let key: string | number = '';
  let keyOffset = 0;

  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  /** A loop, not a pattern: a pattern's backtracking would overflow on a string of megabytes. */
  const string = (): string | undefined => {
    if (text[at] !== '"') return undefined;
    for (let end = at + 1; end < text.length; ) {
      const unit = text.charCodeAt(end);
      if (unit === 0x22) {
        const found = text.slice(at, end + 1);
        at = end + 1;
        return found;
      }
      if (unit < 0x20) return undefined;
      if (unit === 0x5c) {
        ESCAPE.lastIndex = end;
        const escaped = ESCAPE.exec(text)?.[0];
        if (escaped === undefined) return undefined;
        end += escaped.length;
      } else end++;
    }
    return undefined;
  };
  const syntax = (expected: string): JsonFault[] => [
    ...faults,
    { code: 'SP1006', offset: at, message: `${expected} expected, ${describe(text, at)} found` },
  ];
  /** Reads a member's key and colon; a fault's text if there is none. */
  const member = (frame: Frame): string | undefined => {
    match(SPACE);
    keyOffset = at;
    const name = string();
    if (name === undefined) return 'key in double quotes';
    key = name.includes('\\') ? (JSON.parse(name) as string) : name.slice(1, -1);
    if (frame.keys?.has(key) && faults.length < LIMITS.diagnostics) {
      faults.push({ code: 'SP1007', offset: keyOffset, message: `key ${JSON.stringify(key)} appears twice` });
    }
    frame.keys?.add(key);
    match(SPACE);
    if (text[at] !== ':') return '`:`';
    at++;
    match(SPACE);
    return undefined;
  };

  match(SPACE);
  keyOffset = at;
  for (;;) {
    // A value begins at `at`; `key` and `keyOffset` say what holds it.
    visitor?.enter(key, keyOffset, at);
    const first = text[at];
    if (first === '{' || first === '[') {
      if (stack.length >= LIMITS.depth) {
        return [{ code: 'SP1004', offset: at, message: `nested deeper than ${LIMITS.depth} levels` }];
      }
      const frame: Frame = { keys: first === '{' ? new Set() : undefined, index: 0 };
      at++;
      match(SPACE);
      if (text[at] !== (frame.keys ? '}' : ']')) {
        stack.push(frame);
        if (frame.keys) {
          const missing = member(frame);
          if (missing) return syntax(missing);
        } else {
          key = 0;
          keyOffset = at;
        }
        continue;
      }
      at++;
    } else if ((string() ?? match(NUMBER) ?? match(WORD)) === undefined) {
      return syntax('value');
    }
    visitor?.leave();
    // A value has ended: close what ends with it, then go on to the next member.
    for (;;) {
      match(SPACE);
      const frame = stack.at(-1);
      if (frame === undefined) return at === text.length ? faults : syntax('end of file');
      const next = text[at];
      if (next === ',') {
        at++;
        if (frame.keys) {
          const missing = member(frame);
          if (missing) return syntax(missing);
        } else {
          match(SPACE);
          key = ++frame.index;
          keyOffset = at;
        }
        break;
      }
      if (next !== (frame.keys ? '}' : ']')) return syntax(frame.keys ? '`,` or `}`' : '`,` or `]`');
      at++;
      stack.pop();
      visitor?.leave();
    }
  }
}

function describe(text: string, at: number): string {
  const point = text.codePointAt(at);
  if (point === undefined) return 'end of file';
  if (point === 0x22) return 'a broken string';
  return point < 0x20 ? `control character ${point}` : `\`${String.fromCodePoint(point)}\``;
}
