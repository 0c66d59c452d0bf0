import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { Note, ParseContext, ParseOutcome, StageReport } from '../contract/report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { inOneOrder, omit, rewriteJson } from '../formats/sanitize.ts';
import { sarifVariant } from '../formats/variants.ts';
import type { Options } from './stage.ts';

const violation = z.object({
  rule_name: z.string(),
  description: z.string(),
  rule_id: z.string(),
  severity: z.string(),
  resource_name: z.string().nullish(),
  resource_type: z.string().nullish(),
  file: z.string().nullish(),
  line: z.number().nullish(),
});

const reportSchema = z.object({
  results: z.object({
    scan_errors: z
      .array(z.object({ iac_type: z.string(), directory: z.string().nullish(), errMsg: z.string() }))
      .nullish(),
    violations: z.array(violation).nullable(),
    skipped_violations: z.array(violation).nullable(),
    scan_summary: z.object({ policies_validated: z.number().int().nonnegative() }),
  }),
});

export const report: StageReport<Options> = {
  variants: [sarifVariant(['terrascan'], 'misconfiguration')],
  parse: (raw, context) => readTerrascan(raw.report, context),
  sanitize: (_, text) => sanitizeTerrascan(text),
};

/** Terrascan's JSON. It counts the policies that it asked, and no files. */
function readTerrascan(text: string | undefined, context: ParseContext): ParseOutcome {
  const read = readJsonReport('report', text, reportSchema);
  if (!read.ok) return read;
  const {
    scan_errors: errors,
    violations,
    skipped_violations: skipped,
    scan_summary: summary,
  } = read.value.results;
  const notes = (errors ?? []).slice(0, 1000).flatMap(({ iac_type: type, directory, errMsg }): Note[] => {
    // It tries every kind of file everywhere: that there is none of a kind is no error of ours.
    if (/not found|no .{1,40} (files?|charts?) found/i.test(errMsg)) return [];
    const path = directory ? context.relative(directory) : undefined;
    return [{ message: `not checked: no valid ${oneLine(type)}`, ...(path === undefined ? {} : { path }) }];
  });
  return {
    ok: true,
    findings: [
      ...(violations ?? []).map((item) => toFinding(item, context, '')),
      // It has no switch against skip comments: what they hide is brought back.
      ...(skipped ?? []).map((item) => toFinding(item, context, ' (a comment asks to skip it)')),
    ],
    notes,
    examined: {
      count: summary.policies_validated,
      unit: 'rules',
      evidence: 'scan_summary.policies_validated in the report',
    },
  };
}

function toFinding(item: z.infer<typeof violation>, context: ParseContext, suffix: string): ParsedFinding {
  const path = item.file ? context.relative(item.file) : undefined;
  const resource = [item.resource_type, item.resource_name].filter((part) => part).join('.');
  return {
    kind: 'misconfiguration',
    rule: { id: item.rule_id, name: oneLine(item.rule_name) },
    message: oneLine(`${item.description}${resource === '' ? '' : ` (${resource})`}${suffix}`),
    toolLevel: item.severity,
    ...locationOf(path, { startLine: item.line }),
  };
}

/** Without the time, and without messages of parsers, which quote the files. */
function sanitizeTerrascan(text: string): string {
  return rewriteJson(text, (json) => {
    if (!isRecord(json) || !isRecord(json.results)) return json;
    const { scan_errors: errors, scan_summary: summary, ...lists } = json.results;
    const ordered = Object.fromEntries(
      Object.entries(lists).map(([key, list]) => [key, Array.isArray(list) ? inOneOrder(list) : list]),
    );
    const kept = Array.isArray(errors) ? { scan_errors: errors.map(withoutQuote) } : {};
    return { results: { ...kept, ...ordered, scan_summary: omit(summary, ['scanned_at']) } };
  });
}

function withoutQuote(error: unknown): unknown {
  if (!isRecord(error) || typeof error.errMsg !== 'string') return error;
  const absent = /not found|no .{1,40} (files?|charts?) found/i.exec(error.errMsg)?.[0];
  return { ...error, errMsg: absent ?? 'an error' };
}
