import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { Note, ParseContext, ParseOutcome, ReportVariant, StageReport } from '../contract/report.ts';
import { gitlabVariant } from '../formats/gitlab-report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { inOneOrder, mapList, omit, rewriteJson } from '../formats/sanitize.ts';
import { jsonVariant, sarifVariant } from '../formats/variants.ts';
import type { Options } from './stage.ts';

const count = z.number().int().nonnegative();

const file = z.object({
  file_name: z.string(),
  line: z.number().nullish(),
  resource_type: z.string().nullish(),
  resource_name: z.string().nullish(),
});

const query = z.object({
  query_name: z.string(),
  query_id: z.string(),
  query_url: z.string().nullish(),
  severity: z.string(),
  cwe: z.string().nullish(),
  files: z.array(file),
});

const reportSchema = z.object({
  kics_version: z.string(),
  files_scanned: count,
  files_parsed: count,
  files_failed_to_scan: count,
  lines_ignored: count.nullish(),
  queries_total: count,
  queries_failed_to_execute: count,
  queries: z.array(query),
});

/** KICS's JSON, version 2. */
function readKics(text: string | undefined, context: ParseContext): ParseOutcome {
  const read = readJsonReport('report', text, reportSchema);
  if (!read.ok) return read;
  const { queries, lines_ignored: ignored, ...counts } = read.value;
  // With its queries not found it says the same as of a flawless tree.
  // A file that it cannot parse is counted as failed, and not as parsed.
  const asked = counts.queries_total > 0 ? counts.files_parsed : 0;
  const notes: Note[] = [];
  if (counts.files_failed_to_scan > 0)
    notes.push({ message: `not checked: ${counts.files_failed_to_scan} files that KICS could not parse` });
  if (counts.queries_failed_to_execute > 0)
    notes.push({ message: `not run: ${counts.queries_failed_to_execute} queries that failed` });
  if (ignored) notes.push({ message: `${ignored} lines are skipped because of kics-scan comments` });
  return {
    ok: true,
    findings: queries.flatMap((item) => findingsOf(item, context)),
    notes,
    examined: {
      count: asked,
      unit: 'files',
      evidence: 'files_parsed in the report, where queries_total is above 0',
    },
  };
}

/** One finding for each place of a query; never the values, which may be secrets. */
function findingsOf(item: z.infer<typeof query>, context: ParseContext): ParsedFinding[] {
  const cwe = /^\d{1,6}$/.test(item.cwe ?? '') ? [`CWE-${item.cwe}`] : [];
  return item.files.map(({ file_name: written, line, resource_type: type, resource_name: name }) => {
    const path = context.relative(written.replaceAll('\\', '/'));
    const resource = [type, name].filter((part) => part && part !== 'n/a').join('.');
    return {
      kind: 'misconfiguration',
      rule: {
        id: item.query_id,
        name: oneLine(item.query_name),
        ...(item.query_url?.startsWith('https://') ? { url: item.query_url } : {}),
        ...(cwe.length > 0 ? { cwe } : {}),
      },
      message: oneLine(resource === '' ? item.query_name : `${item.query_name} (${resource})`),
      toolLevel: item.severity,
      ...locationOf(path, { startLine: line }),
    };
  });
}

const QUOTES = [
  'similarity_id',
  'search_key',
  'search_value',
  'expected_value',
  'actual_value',
  'remediation',
];

/** Without values of the files, hashes, times and paths of the machine. */
function sanitizeKics(text: string): string {
  return rewriteJson(text, (json) => {
    if (!isRecord(json)) return json;
    const bare = mapList(omit(json, ['start', 'end', 'paths']), 'queries', (item) =>
      mapList(item, 'files', (one) => omit(one, QUOTES)),
    );
    const kept = mapList(bare, 'queries', (item) =>
      isRecord(item) && Array.isArray(item.files) ? { ...item, files: inOneOrder(item.files) } : item,
    );
    return isRecord(kept) && Array.isArray(kept.queries)
      ? { ...kept, queries: inOneOrder(kept.queries) }
      : kept;
  });
}

/** Version 1 did not say which version it was. */
const early = z.object({ files_scanned: z.number(), queries_total: z.number(), queries: z.array(query) });

const variants: readonly ReportVariant[] = [
  jsonVariant('JSON of version 1', early, ({ queries }, context) => ({
    findings: queries.flatMap((item) => findingsOf(item, context)),
  })),
];

export const report: StageReport<Options> = {
  variants: [gitlabVariant('misconfiguration'), ...variants, sarifVariant(['KICS'], 'misconfiguration')],
  parse: (raw, context) => readKics(raw.report, context),
  sanitize: (_, text) => sanitizeKics(text),
};
