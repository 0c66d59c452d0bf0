import type { Diagnostic, SourceLine } from '../../core/diagnostic.ts';
import { leavesBelow, leavesUnder } from './matching-leaves.ts';
import type { SourceTree } from './source-tree.ts';

/** Longest line that is shown whole, in code points; of a longer one, a window around the column. */
const LONGEST = 110;
const BEFORE = 40;
/** Above this many values that could be secrets, no line is shown. */
const MOST_HIDDEN = 500;
/** Keys below which a value could be a secret: wider than what messages leave out, since a line shows its neighbours too. */
const SECRET_KEY = /secret|token|passw|key|auth|env|slack|webhook|credential|sign|identity/i;
/** An address with a user in it, or a private key. */
const SECRET_TEXT = /:\/\/[^/\s]*@|PRIVATE KEY/;

/**
 * Gives each diagnostic about a file the line of its place. What could be a secret is left out of the line: the values below
 * telling keys, of keys that the schema does not know, and where a secret's name or source belongs. A file that was
 * not parsed shows no line whose own or enclosing keys are telling.
 */
export function withSourceLines(
  diagnostics: readonly Diagnostic[],
  file: string,
  text: string,
  tree?: SourceTree,
): Diagnostic[] {
  const lines = text.split(/\r?\n/);
  const hidden = tree === undefined ? undefined : hiddenColumns(diagnostics, tree);
  const known = new Map<number, MaskedLine | undefined>();
  if (hidden === 'all') return [...diagnostics];
  const lineAt = (number: number): MaskedLine | undefined => {
    if (!known.has(number)) {
      known.set(number, maskedLine(lines, number, hidden));
    }
    return known.get(number);
  };
  return diagnostics.map((item) => {
    const { place } = item;
    if (place === undefined || place.file !== file) return item;
    const line = lineAt(place.line);
    const source = line === undefined ? undefined : sourceLine(line, place.column - 1);
    return source === undefined ? item : { ...item, source };
  });
}

/** Columns (from 0) at which values begin that are not shown, by line. */
function hiddenColumns(
  diagnostics: readonly Diagnostic[],
  tree: SourceTree,
): ReadonlyMap<number, readonly number[]> | 'all' {
  const pointers = new Set(
    leavesUnder(tree.value, {
      key: (name) => SECRET_KEY.test(name),
      text: (value) => SECRET_TEXT.test(value),
    }),
  );
  for (const { code, pointer } of diagnostics) {
    if (pointer === undefined || !(code === 'SP2001' || code === 'SP2013' || code === 'SP2015')) continue;
    for (const leaf of leavesBelow(tree.value, pointer)) pointers.add(leaf);
  }
  if (pointers.size > MOST_HIDDEN) return 'all';
  const columns = new Map<number, number[]>();
  for (const pointer of pointers) {
    const place = tree.place(pointer);
    if (place !== undefined) columns.set(place.line, [...(columns.get(place.line) ?? []), place.column - 1]);
  }
  return columns;
}

interface MaskedLine {
  readonly whole: readonly string[];
  /** What is shown, each with its column in the whole line. */
  readonly shown: readonly { readonly char: string; readonly at: number }[];
}

/** `hidden` is undefined where the file was not parsed. */
function maskedLine(
  lines: readonly string[],
  number: number,
  hidden: ReadonlyMap<number, readonly number[]> | undefined,
): MaskedLine | undefined {
  const text = lines[number - 1] ?? '';
  if (text.trim() === '') return undefined;
  if (hidden === undefined && tellsSecret(lines, number - 1)) return undefined;
  const starts = hidden?.get(number) ?? [];
  const whole = [...text];
  const shown: { char: string; at: number }[] = [];
  for (let at = 0; at < whole.length; at++) {
    if (starts.includes(at)) {
      shown.push({ char: '…', at });
      at = quotedEnd(whole, at) - 1;
    } else shown.push({ char: whole[at] ?? '', at });
  }
  return { whole, shown };
}

/** Whether a line, or one that encloses it by its indentation, has a key of a secret. */
function tellsSecret(lines: readonly string[], index: number): boolean {
  let indent = Number.POSITIVE_INFINITY;
  // Of JSON without indentation nothing tells what encloses what.
  const flat = (lines[0] ?? '').startsWith('{') && (lines[index] ?? '').search(/\S/) === 0;
  for (let at = index; at >= 0; at--) {
    const line = lines[at] ?? '';
    if (line.trim() === '') continue;
    const own = line.search(/\S/);
    if (own >= indent && !flat) continue;
    if (SECRET_KEY.test(line) || SECRET_TEXT.test(line)) return true;
    indent = own;
  }
  return false;
}

function sourceLine({ whole, shown }: MaskedLine, column: number): SourceLine | undefined {
  const index = shown.findIndex(({ at }) => at === column);
  // At the end of a line, what is missing would stand behind the last character.
  if (index === -1 && column !== whole.length) return undefined;
  const from = index === -1 ? shown.length : index;
  const end = tokenEnd(whole, column);
  const length = Math.max(1, shown.filter(({ at }) => at >= column && at < end).length);
  const chars = shown.map(({ char }) => char);
  if (chars.length <= LONGEST) return { text: chars.join(''), from, length };
  const start = Math.max(0, Math.min(from - BEFORE, chars.length - LONGEST));
  const stop = Math.min(chars.length, start + LONGEST);
  const text = `${start > 0 ? '…' : ''}${chars.slice(start, stop).join('')}${stop < chars.length ? '…' : ''}`;
  return {
    text,
    from: from - start + (start > 0 ? 1 : 0),
    length: Math.max(1, Math.min(length, stop - from)),
  };
}

/** Where the word or quoted text that begins at a column ends. */
function tokenEnd(line: readonly string[], start: number): number {
  const first = line[start];
  if (first === '"' || first === "'") return quotedEnd(line, start);
  let end = start;
  for (; end < line.length; end++) {
    const char = line[end] ?? '';
    if (/[\s,[\]{}]/.test(char) || (char === ':' && /\s|^$/.test(line[end + 1] ?? ''))) break;
  }
  return Math.max(start + 1, end);
}

/** Behind the closing quote of a text; the end of the line where it is not quoted, or goes on. */
function quotedEnd(line: readonly string[], start: number): number {
  const quote = line[start];
  if (quote !== '"' && quote !== "'") return line.length;
  if (line[start + 1] === quote && line[start + 2] === quote) return line.length;
  for (let at = start + 1; at < line.length; at++) {
    if (line[at] === '\\' && quote === '"') at++;
    else if (line[at] === quote && line[at + 1] === quote && quote === "'") at++;
    else if (line[at] === quote) return at + 1;
  }
  return line.length;
}
