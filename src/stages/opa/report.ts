import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { Note, ParseContext, ParseOutcome, StageReport } from '../contract/report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { inOneOrder, mapList, omit, rewriteJson } from '../formats/sanitize.ts';
import type { Options } from './stage.ts';

const answer = z.union([
  z.object({ path: z.string(), error: z.object({ code: z.string().nullish() }) }),
  z
    .object({ path: z.string(), result: z.unknown() })
    .refine((item) => item.result !== undefined, 'no result'),
]);

const reportSchema = z.strictObject({ result: z.array(answer) });

export const report: StageReport<Options> = {
  parse: (raw, context) => readOpa(raw.report, context, context.options.decision),
  sanitize: (_, text) => sanitizeOpa(text),
};

/** The JSON of `opa exec`: one answer a file. A policy may answer with a set, an object, a text or a truth value. */
function readOpa(text: string | undefined, context: ParseContext, decision: string): ParseOutcome {
  const read = readJsonReport('report', text, reportSchema);
  if (!read.ok) return read;
  const findings: ParsedFinding[] = [];
  const notes: Note[] = [];
  let asked = 0;
  for (const item of read.value.result) {
    const path = context.relative(item.path);
    const place = path === undefined ? {} : { path };
    if ('error' in item) {
      const message =
        item.error.code === 'opa_undefined_error'
          ? 'not checked: the policies have no answer for it'
          : 'not checked: no valid YAML or JSON';
      if (notes.length < 1000) notes.push({ message, ...place });
      continue;
    }
    if (item.result === null) {
      if (notes.length < 1000)
        notes.push({ message: 'not checked: the policies answer null for it', ...place });
      continue;
    }
    asked += 1;
    for (const said of saidOf(item.result))
      findings.push({
        ...toFinding(said, decision),
        ...locationOf(path),
      });
  }
  return {
    ok: true,
    findings,
    notes,
    examined: { count: asked, unit: 'files', evidence: 'files in the report that the policies answered for' },
  };
}

/** What a decision says of a file: nothing when it is empty, false or 0; any other number counts something. */
function saidOf(result: unknown): readonly unknown[] {
  if (Array.isArray(result)) return result;
  if (result === true || (typeof result === 'string' && result !== '')) return [result];
  if (typeof result === 'number') return result === 0 ? [] : [result];
  if (!isRecord(result)) return [];
  if (messageOf(result) !== undefined) return [result];
  return Object.entries(result).flatMap(([key, value]): unknown[] =>
    value === false || value === null
      ? []
      : isRecord(value) && messageOf(value) !== undefined
        ? [value]
        : [key],
  );
}

function messageOf(said: unknown): string | undefined {
  if (typeof said === 'string') return said;
  if (!isRecord(said)) return undefined;
  return [said.msg, said.message].find((value): value is string => typeof value === 'string');
}

function toFinding(said: unknown, decision: string): ParsedFinding {
  const { id, severity } = isRecord(said) ? said : {};
  return {
    kind: 'misconfiguration',
    rule: { id: typeof id === 'string' && id !== '' ? oneLine(id) : decision },
    message: oneLine(messageOf(said) ?? `${decision} holds`),
    toolLevel: typeof severity === 'string' && severity !== '' ? severity : 'violation',
  };
}

/** Without ids of the run, in one order. */
function sanitizeOpa(text: string): string {
  return rewriteJson(text, (json) => {
    const bare = mapList(json, 'result', (item) => omit(item, ['decision_id']));
    return isRecord(bare) && Array.isArray(bare.result) ? { ...bare, result: inOneOrder(bare.result) } : bare;
  });
}
