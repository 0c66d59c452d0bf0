import { parseDocument } from 'yaml';
import type { z } from 'zod';
import type { Reading } from './reading.ts';

/** Characters: a tree of nodes takes many times the text's memory. */
const MAX_CHARACTERS = 16 * 2 ** 20;
/** No object of Kubernetes nests so deep; its parser goes down by recursion. */
const MAX_INDENT = 200;

/**
 * Foreign YAML enters through here: block style, one document, with one of the keys `among` its own (`kind` for objects of
 * Kubernetes). Aliases are refused, as a few lines of them can stand for gigabytes.
 */
export function readYamlReport<T>(
  output: string,
  text: string,
  schema: z.ZodType<T>,
  among = 'kind',
): Reading<T> {
  const refuse = (reason: 'report-malformed' | 'report-schema', detail: string): Reading<T> => ({
    ok: false,
    failure: { reason, output, detail },
  });
  if (text.length > MAX_CHARACTERS) {
    return { ok: false, failure: { reason: 'output-too-large', output, limitBytes: MAX_CHARACTERS } };
  }
  if (!new RegExp(`^"?${among}"?: *(\\w|$)`, 'm').test(text))
    return refuse('report-schema', `no ${among} at the start of a line`);
  if (new RegExp(`^(?: {${MAX_INDENT}}|.*[[{]{20})`, 'm').test(text))
    return refuse('report-malformed', 'nested too deep');
  let json: unknown;
  try {
    const document = parseDocument(text, { maxAliasCount: 0, schema: 'core', uniqueKeys: true } as object);
    if (document.errors.length > 0) return refuse('report-malformed', 'not valid YAML');
    json = document.toJS({ maxAliasCount: 0 });
  } catch {
    return refuse('report-malformed', 'not valid YAML');
  }
  const read = schema.safeParse(json);
  if (read.success) return { ok: true, value: read.data };
  const [issue] = read.error.issues;
  return refuse('report-schema', `${issue?.message ?? 'unknown shape'} at /${issue?.path.join('/') ?? ''}`);
}
