import type { z } from 'zod';
import { readJsonReport } from './json-report.ts';
import type { Reading } from './reading.ts';

/**
 * One JSON value a line, each of one schema; empty lines are passed over. A last line that was cut off is malformed, as
 * is any other. Text without a line is empty, which the caller may take for a legal answer.
 */
export function readJsonLines<T>(
  output: string,
  text: string | undefined,
  schema: z.ZodType<T>,
): Reading<readonly T[]> {
  if (text === undefined) return { ok: false, failure: { reason: 'report-missing', output } };
  if (text.trim() === '') return { ok: false, failure: { reason: 'report-empty', output } };
  // One value over several lines is none of these lines, but whole: another schema, not a cut-off report.
  const whole = readJsonReport(output, text, schema);
  if (whole.ok) return { ok: true, value: [whole.value] };
  if (whole.failure.reason === 'report-schema') return whole;
  const items: T[] = [];
  for (const part of valuesIn(text)) {
    const read = readJsonReport(output, part, schema);
    if (!read.ok) return read;
    items.push(read.value);
  }
  return { ok: true, value: items };
}

/** The lines, or where values go over several of them, as a pretty-printer writes them, each value. */
function valuesIn(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (!/^\s*[{[]\s*$/.test(lines[0] ?? '')) return lines;
  const values: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth !== 0) continue;
      values.push(text.slice(from, at + 1));
      from = at + 1;
    }
  }
  // What is left is a truncated value, for the reader to refuse.
  const rest = text.slice(from);
  return rest.trim() === '' ? values : [...values, rest];
}

function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return text.length;
}
