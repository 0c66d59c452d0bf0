import type { z } from 'zod';
import type { Reading } from './reading.ts';

/**
 * Foreign JSON enters through here: one parse, one schema of the fields that are needed.
 * A text that is no JSON is broken or cut off; JSON of another shape is another schema.
 */
export function readJsonReport<T>(
  output: string,
  text: string | undefined,
  schema: z.ZodType<T>,
): Reading<T> {
  if (text === undefined) return { ok: false, failure: { reason: 'report-missing', output } };
  if (text.trim() === '') return { ok: false, failure: { reason: 'report-empty', output } };
  const other = otherForm(text);
  if (other !== undefined)
    return { ok: false, failure: { reason: 'report-schema', output, detail: `it is ${other}, not JSON` } };
  let json: unknown;
  try {
    json = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch (error) {
    return { ok: false, failure: { reason: 'report-malformed', output, detail: firstLine(error) } };
  }
  const result = schema.safeParse(json);
  if (result.success) return { ok: true, value: result.data };
  const issue = result.error.issues[0];
  const where = issue === undefined ? '' : ` at /${issue.path.map(String).join('/')}`;
  return {
    ok: false,
    failure: { reason: 'report-schema', output, detail: `${issue?.message ?? 'unknown shape'}${where}` },
  };
}

/** The parser's own words, without the excerpt of the report that V8 quotes: it could hold a secret. */
function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (
    text
      .replace(/,? ?(?:\.\.\.)?"[\s\S]*$/, '')
      .split('\n')[0]
      ?.slice(0, 120) ?? 'not JSON'
  );
}

/** What a whole document of another kind is: nothing of it is broken. */
function otherForm(text: string): string | undefined {
  const head = text.slice(0, 1000).trimStart();
  if (/^<(!doctype html|html)\b/i.test(head)) return 'an HTML page';
  return /^<[?!a-z]/i.test(head) ? 'XML' : undefined;
}
