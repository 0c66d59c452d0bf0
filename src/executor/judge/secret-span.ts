import { sha256Hex } from '../../core/canonical.ts';
import type { Span } from '../../core/finding.ts';
import type { ReadLine } from '../../io/line-reader.ts';

const MAX_SECRET_LINES = 200;

/**
 * The line with the secret taken out, for hashing: what is hashed must not let anyone test guesses of the value.
 * With columns, the span goes; without, all that follows the first `=` or `:` goes, and whatever looks random before.
 */
export function blankSecret(line: string, span: Span): string {
  const multiLine = span.endLine !== undefined && span.endLine !== span.startLine;
  const columns = columnsOf(span);
  if (columns !== undefined && isAscii(line)) {
    const { before, after } = aroundWord(line, columns);
    const [head, rest] = [before.replace(/["'`]+$/, ''), multiLine ? '' : after.replace(/^["'`]+/, '')];
    return `${head}*${rest}`.replace(RANDOM_LOOKING, '*');
  }
  const cut = line.search(/[=:]/);
  return (cut < 0 ? '' : line.slice(0, cut + 1)).replace(RANDOM_LOOKING, '*');
}

/** Tools differ in where a span begins and ends, Gitleaks by a column: the whole word counts, quotes excluded. */
function aroundWord(
  line: string,
  { start, end }: Columns,
): { readonly before: string; readonly after: string } {
  return {
    before: line.slice(0, start - 1).replace(/[^\s"'`]*$/, ''),
    after: line.slice(end - 1).replace(/^[^\s"'`]*/, ''),
  };
}

/** The words that a span touches, without the quotes around them. */
function wordsAt(line: string, columns: Columns): string {
  const { before, after } = aroundWord(line, columns);
  return line.slice(before.length, line.length - after.length).replace(/^[\s"'`]+|[\s"'`]+$/g, '');
}

// What looks like a value beside the span may be one that another finding is about.
const RANDOM_LOOKING = /(?=[A-Za-z0-9+/_-]*\d)[A-Za-z0-9+/_-]{8,}/g;

function isAscii(text: string): boolean {
  return !/[^\x20-\x7e\t]/.test(text);
}

/**
 * Sixteen bits of a secret's value, white space left out: another value at the same place is another leak, and 65,536
 * answers tell too little of the value to confirm a guess among many. The whole line stands for a value that is not
 * recognised in it; undefined where the file has no such line.
 */
export function secretTag(span: Span, readLine: ReadLine): string | undefined {
  if (span.startLine === undefined) return undefined;
  const lines = linesOf(span, keyStart(span.path, span.startLine, readLine), readLine);
  const [line] = lines;
  if (line === undefined) return undefined;
  const columns = isAscii(line) ? columnsOf(span) : undefined;
  // Of a span of several lines all lines count.
  const text =
    lines.length > 1 ? lines.join('\n') : columns === undefined ? line : wordsAt(line, columns) || line;
  const inside = lines.length > 1 ? [] : valuesInside(text);
  const value = (inside.length === 0 ? [text] : inside).map((one) => one.replace(/\s+/g, ''));
  return sha256Hex(JSON.stringify(value).toWellFormed()).slice(0, 4);
}

/** Text that is likely the value of a secret found at a span: what the run's redactor learns. May be empty. */
export function secretValues(span: Span, readLine: ReadLine): string[] {
  if (span.startLine === undefined) return [];
  const lines = linesOf(span, span.startLine, readLine);
  if (lines.length === 0) return [];
  if (lines.length > 1) return [lines.join('\n')];
  const line = lines[0] ?? '';
  const columns = columnsOf(span);
  if (columns === undefined) return valuesInside(line);
  // A span may be the value alone or the whole assignment; the value inside it is what turns up elsewhere.
  const text = line.slice(columns.start - 1, columns.end - 1);
  const inside = valuesInside(text);
  if (inside.length > 0) return inside;
  return [...new Set([text.trim(), isAscii(line) ? wordsAt(line, columns) : ''])].filter((one) => one !== '');
}

interface Columns {
  readonly start: number;
  readonly end: number;
}

function columnsOf({ startColumn: start, endColumn: end }: Span): Columns | undefined {
  return start !== undefined && end !== undefined && end > start ? { start, end } : undefined;
}

/** Some tools report the first line of a key only: it then ends where its block does. */
function linesOf(span: Span, first: number, readLine: ReadLine): string[] {
  const lines: string[] = [];
  for (let line = first; line <= first + MAX_SECRET_LINES; line += 1) {
    const text = readLine(span.path, line);
    if (text === undefined) break;
    lines.push(text);
    const open = PRIVATE_KEY.test(lines[0] ?? '') && !lines.some((one) => one.includes('-----END '));
    if (line >= (span.endLine ?? first) && !open) return lines;
  }
  return span.endLine === undefined ? lines.slice(0, 1) : lines;
}

/** Other tools report a line inside of a key's block: all of them mean the whole. */
function keyStart(path: string, first: number, readLine: ReadLine): number {
  for (let line = first; line > 0 && line > first - MAX_SECRET_LINES; line -= 1) {
    const text = readLine(path, line) ?? '';
    if (PRIVATE_KEY.test(text)) return line;
    if (!KEY_BODY.test(text)) break;
  }
  return first;
}

/** Base64, or a header such as `Proc-Type: 4,ENCRYPTED`. */
const KEY_BODY = /^\s*([A-Za-z0-9+/=]*|[A-Za-z-]+: [^"'`]*)\s*$/;

const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY/;

function valuesInside(text: string): string[] {
  const quoted = [...text.matchAll(/(["'`])((?:(?!\1)[^\\]|\\.)+)\1/g)].map((match) => match[2] ?? '');
  const likely = quoted.filter((value) => looksLikeValue(value));
  if (likely.length > 0) return likely;
  const assigned = /[=:]\s*(\S+)\s*[,;]?\s*$/.exec(text)?.[1]?.replace(/^["'`]|["'`,;]+$/g, '');
  return assigned !== undefined && looksLikeValue(assigned) ? [assigned] : [];
}

/** At least two of: lower case, upper case, digits, marks; text of one class is mostly a name. */
function looksLikeValue(value: string): boolean {
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9\s]/].filter((kind) => kind.test(value)).length;
  return value.length >= 6 && !/\s/.test(value) && (classes >= 2 || value.length >= 16);
}
