import type { Span } from '../../core/finding.ts';
import type { ReadLine } from '../../io/line-reader.ts';

const MAX_SECRET_LINES = 200;

/**
 * The line with the secret taken out, for hashing: what is hashed must not let anyone test guesses of the value.
 * With columns, the span goes; without, all that follows the first `=` or `:` goes, and whatever looks random before.
 */
export function blankSecret(line: string, span: Span): string {
  const multiLine = span.endLine !== undefined && span.endLine !== span.startLine;
  const { startColumn, endColumn } = span;
  if (startColumn !== undefined && endColumn !== undefined && endColumn > startColumn && isAscii(line)) {
    // Tools differ in where a span begins and ends: the whole word goes, so that no rest of the value is hashed.
    const before = line.slice(0, startColumn - 1).replace(/[^\s"'`]*$/, '');
    const after = multiLine ? '' : line.slice(endColumn - 1).replace(/^[^\s"'`]*/, '');
    return `${before}*${after}`.replace(RANDOM_LOOKING, '*');
  }
  const cut = line.search(/[=:]/);
  return (cut < 0 ? '' : line.slice(0, cut + 1)).replace(RANDOM_LOOKING, '*');
}

// What looks like a value beside the span may be one that another finding is about.
const RANDOM_LOOKING = /(?=[A-Za-z0-9+/_-]*\d)[A-Za-z0-9+/_-]{8,}/g;

function isAscii(text: string): boolean {
  return !/[^\x20-\x7e\t]/.test(text);
}

/** Text that is likely the value of a secret found at a span: what the run's redactor learns. May be empty. */
export function secretValues(span: Span, readLine: ReadLine): string[] {
  if (span.startLine === undefined) return [];
  const last = Math.min(span.endLine ?? span.startLine, span.startLine + MAX_SECRET_LINES);
  const lines: string[] = [];
  for (let line = span.startLine; line <= last; line += 1) {
    const text = readLine(span.path, line);
    if (text === undefined) break;
    lines.push(text);
  }
  if (lines.length === 0) return [];
  if (lines.length > 1) return [lines.join('\n')];
  const line = lines[0] ?? '';
  const { startColumn, endColumn } = span;
  const exact = startColumn !== undefined && endColumn !== undefined && endColumn > startColumn;
  // A span may be the value alone or the whole assignment; the value inside it is what turns up elsewhere.
  const text = exact ? line.slice(startColumn - 1, endColumn - 1) : line;
  const inside = valuesInside(text);
  return exact && inside.length === 0 ? [text.trim()] : inside;
}

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
