import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { Note, ParseContext, ParseOutcome, StageReport } from '../contract/report.ts';
import { otherAccount } from '../families/cloud/cloud-account.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { oneLine } from '../formats/one-line.ts';
import { inOneOrder, mapList, omit, rewriteJson } from '../formats/sanitize.ts';
import type { Options } from './stage.ts';

const result = z.object({
  reason: z.string().nullish(),
  resource: z.string().nullish(),
  status: z.string(),
  dimensions: z.array(z.object({ key: z.string(), value: z.string() })).nullish(),
});

const control = z.object({
  control_id: z.string(),
  title: z.string().nullish(),
  severity: z.string().nullish(),
  run_error: z.string().nullish(),
  results: z.array(result).nullable(),
});

/** Groups hold groups; ours is one level below the root, others' a few. */
const leaf = z.object({ controls: z.array(control).nullable() });

const middle = leaf.extend({ groups: z.array(leaf).nullable() });

const upper = leaf.extend({ groups: z.array(middle).nullable() });

const reportSchema = leaf.extend({
  group_id: z.string(),
  summary: z.unknown(),
  groups: z.array(upper).nullable(),
});

export const report: StageReport<Options> = {
  parse: (raw, context) => readPowerpipe(raw.report, context),
  sanitize: (_, text) => sanitizePowerpipe(text),
};

/** The JSON of `powerpipe benchmark run`. */
function readPowerpipe(text: string | undefined, context: ParseContext): ParseOutcome {
  const read = readJsonReport('report', text, reportSchema);
  if (!read.ok) return read;
  const first = read.value.groups ?? [];
  const second = first.flatMap(({ groups }) => groups ?? []);
  const third = second.flatMap(({ groups }) => groups ?? []);
  const controls = [read.value, ...first, ...second, ...third].flatMap(({ controls: list }) => list ?? []);
  const results = controls.flatMap((item) => (item.results ?? []).map((found) => ({ item, found })));
  const accounts = results
    .flatMap(({ found }) => found.dimensions ?? [])
    .filter(({ key }) => key === 'account_id');
  const failure = otherAccount(
    context.target,
    accounts.map(({ value }) => value),
  );
  if (failure !== undefined) return { ok: false, failure };
  const broken = [
    ...controls.filter(({ run_error: error }) => error).map(({ control_id: id }) => id),
    ...results.filter(({ found }) => found.status === 'error').map(({ item }) => item.control_id),
  ];
  return {
    ok: true,
    findings: results
      .filter(({ found }) => found.status === 'alarm')
      .map(({ item, found }) => toFinding(item, found)),
    notes: [...new Set(broken)]
      .slice(0, 1000)
      .map((id): Note => ({ message: oneLine(`not checked: ${id} could not be evaluated`) })),
    examined: {
      count: results.filter(({ found }) => found.status === 'ok' || found.status === 'alarm').length,
      unit: 'resources',
      evidence: 'results of the report that are ok or alarm',
    },
  };
}

function toFinding(item: z.infer<typeof control>, found: z.infer<typeof result>): ParsedFinding {
  const said = found.reason || item.title || item.control_id;
  return {
    kind: 'misconfiguration',
    rule: { id: oneLine(item.control_id), ...(item.title ? { name: oneLine(item.title) } : {}) },
    message: oneLine(found.resource ? `${said} (${found.resource})` : said),
    toolLevel: item.severity || 'alarm',
  };
}

/** In one order, without the text of errors, which holds the connection. */
function sanitizePowerpipe(text: string): string {
  return rewriteJson(text, (json) => tidy(json, 0));
}

function tidy(group: unknown, depth: number): unknown {
  if (depth > 10 || !isRecord(group)) return group;
  const controls = mapList(group, 'controls', (item) => {
    const bare =
      isRecord(item) && item.run_error ? { ...item, run_error: 'an error' } : omit(item, ['run_error']);
    return isRecord(bare) && Array.isArray(bare.results)
      ? { ...bare, results: inOneOrder(bare.results) }
      : bare;
  });
  return mapList(controls, 'groups', (inner) => tidy(inner, depth + 1));
}
