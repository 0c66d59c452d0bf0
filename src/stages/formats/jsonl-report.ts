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
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const read = readJsonReport(output, line, schema);
    if (!read.ok) return read;
    items.push(read.value);
  }
  return { ok: true, value: items };
}
