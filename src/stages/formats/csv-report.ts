import type { z } from 'zod';
import type { Reading } from './reading.ts';

/** Characters. */
const MAX_CHARACTERS = 64 * 2 ** 20;

/**
 * Foreign CSV with a line of names enters through here (RFC 4180; values may hold line breaks). The separator is the
 * one of `,` and `;` that the names are divided by. Each record is an object by name; one with another number of values is refused.
 */
export function readCsvReport<T>(
  output: string,
  text: string | undefined,
  schema: z.ZodType<T>,
): Reading<readonly T[]> {
  const refuse = (reason: 'report-malformed' | 'report-schema', detail: string): Reading<readonly T[]> => ({
    ok: false,
    failure: { reason, output, detail },
  });
  if (text === undefined) return { ok: false, failure: { reason: 'report-missing', output } };
  if (text.trim() === '') return { ok: false, failure: { reason: 'report-empty', output } };
  if (text.length > MAX_CHARACTERS)
    return { ok: false, failure: { reason: 'output-too-large', output, limitBytes: MAX_CHARACTERS } };
  const plain = text.replace(/^\uFEFF/, '');
  const head = plain.split('\n', 1)[0] ?? '';
  const separator = head.split(';').length > head.split(',').length ? ';' : ',';
  if (!head.includes(separator) || /^\s*[{[<]/.test(head))
    return refuse('report-schema', 'it is not CSV with names');
  const records = recordsOf(plain, separator);
  if (records === undefined) return refuse('report-malformed', 'truncated in a quoted value');
  const [names = [], ...rows] = records;
  const items: T[] = [];
  for (const [index, row] of rows.entries()) {
    if (row.length !== names.length)
      return refuse('report-malformed', `record ${index + 1} has ${row.length} values, not ${names.length}`);
    const read = schema.safeParse(Object.fromEntries(names.map((name, at) => [name, row[at] ?? ''])));
    if (!read.success) {
      const [issue] = read.error.issues;
      return refuse(
        'report-schema',
        `${issue?.message ?? 'unknown shape'} at ${issue?.path.join('/') ?? ''}`,
      );
    }
    items.push(read.data);
  }
  return { ok: true, value: items };
}

/** Undefined where a quote is not closed. */
function recordsOf(text: string, separator: string): readonly (readonly string[])[] | undefined {
  const records: string[][] = [];
  let record: string[] = [];
  const value = new RegExp(`"((?:[^"]|"")*)"|[^"${separator}\\r\\n][^${separator}\\r\\n]*|`, 'y');
  for (let at = 0; at < text.length; ) {
    value.lastIndex = at;
    const match = value.exec(text);
    if (match === null || (match[0] === '' && text[at] === '"')) return undefined;
    record.push(match[1]?.replaceAll('""', '"') ?? match[0]);
    at += match[0].length;
    if (text[at] === separator) {
      at += 1;
      if (at === text.length) record.push('');
      continue;
    }
    if (text[at] === '"') return undefined;
    while (text[at] === '\r' || text[at] === '\n') at += 1;
    records.push(record);
    record = [];
  }
  if (record.length > 0) records.push(record);
  return records;
}
