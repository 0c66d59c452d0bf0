import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { UnexaminedFile } from '../../core/unexamined.ts';
import type { StageReport } from '../contract/report.ts';
import { gitlabVariant } from '../formats/gitlab-report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { locationOf, type Region } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { mapList, omit, rewriteJson } from '../formats/sanitize.ts';
import { sarifVariant } from '../formats/variants.ts';
import type { Options } from './stage.ts';

const issue = z.object({
  test_id: z.string().min(1),
  test_name: z.string(),
  issue_severity: z.string(),
  issue_text: z.string(),
  issue_cwe: z.object({ id: z.number().int().optional() }).optional(),
  filename: z.string(),
  line_number: z.number().int(),
  line_range: z.array(z.number().int()).default([]),
  /** Both count from 0. */
  col_offset: z.number().int().default(-1),
  end_col_offset: z.number().int().default(-1),
  more_info: z.string().optional(),
});

type Issue = z.infer<typeof issue>;

/** Bandit's JSON report, as far as it is read. */
const banditReport = z.object({
  results: z.array(issue),
  errors: z.array(z.object({ filename: z.string(), reason: z.string() })),
  /** One key a file, and `_totals`. */
  metrics: z.record(z.string(), z.unknown()),
});

type BanditReport = z.infer<typeof banditReport>;

export const report: StageReport<Options> = {
  variants: [
    gitlabVariant('code'),
    sarifVariant(['Bandit'], 'code', (finding) => ({
      ...finding,
      rule: { ...finding.rule, aka: [`bandit:${finding.rule.id}`] },
      message: withoutValue(finding.message),
    })),
  ],
  parse: (raw, context) => {
    const report = readJsonReport('report', raw.report, banditReport);
    if (!report.ok) return report;
    const files = checkedFiles(report.value, context.relative);
    return {
      ok: true,
      findings: report.value.results.map((item) => toFinding(item, context.relative)),
      notes: [],
      unexamined: uncheckedFiles(report.value, context.relative),
      examined: {
        count: files.length,
        unit: 'files',
        evidence: 'files with metrics and no error in the report',
        files,
      },
    };
  },
  sanitize: (_, text) => sanitizeReport(text),
};

function toFinding(item: Issue, relative: (path: string) => string | undefined): ParsedFinding {
  const cwe = item.issue_cwe?.id;
  const path = relative(item.filename);
  return {
    kind: 'code',
    rule: {
      id: item.test_id,
      name: item.test_name,
      ...(item.more_info ? { url: item.more_info } : {}),
      ...(cwe ? { cwe: [`CWE-${cwe}`] } : {}),
      aka: [`bandit:${item.test_id}`],
    },
    message: withoutValue(item.issue_text).replace(/\s+/g, ' ').trim().slice(0, 400),
    toolLevel: item.issue_severity,
    ...locationOf(path, regionOf(item)),
  };
}

function regionOf(item: Issue): Region {
  // `line_number` may lie inside the statement; the columns are those of the statement's first and last line.
  const first = item.line_range[0] ?? item.line_number;
  const last = item.line_range.at(-1) ?? item.line_number;
  if (first !== item.line_number || item.col_offset < 0) return { startLine: item.line_number };
  const start = { startLine: first, startColumn: item.col_offset + 1 };
  return item.end_col_offset < 0 ? start : { ...start, endLine: last, endColumn: item.end_col_offset + 1 };
}

type Relative = (path: string) => string | undefined;

/** Files that Bandit was given and could not read or parse. */
function uncheckedFiles(report: BanditReport, relative: Relative): UnexaminedFile[] {
  return report.errors.flatMap(({ filename, reason }) => {
    const path = relative(filename);
    return path === undefined ? [] : [{ path, why: { kind: 'not-understood', detail: oneLine(reason) } }];
  });
}

/** Files that Bandit parsed: those with metrics that it did not report as unreadable. */
function checkedFiles(report: BanditReport, relative: Relative): string[] {
  const failed = new Set(report.errors.map((error) => error.filename));
  return Object.keys(report.metrics)
    .filter((name) => name !== '_totals' && !failed.has(name))
    .map(relative)
    .filter((path) => path !== undefined);
}

/** Without source code, without the passwords that B105 to B107 quote, without the time of the run. */
function sanitizeReport(text: string): string {
  return rewriteJson(text, (report) =>
    omit(
      mapList(report, 'results', (item) =>
        isRecord(item) && typeof item.issue_text === 'string'
          ? omit({ ...item, issue_text: withoutValue(item.issue_text) }, ['code'])
          : omit(item, ['code']),
      ),
      ['generated_at'],
    ),
  );
}

/** B105 to B107 quote the password that they found. */
function withoutValue(text: string): string {
  return text.replace(/^(Possible hardcoded password): [\s\S]*$/, '$1');
}
