import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { ParseContext, ParseOutcome, ReportVariant, StageReport } from '../contract/report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { inOneOrder, omit, rewriteJson } from '../formats/sanitize.ts';
import { jsonVariant, sarifVariant } from '../formats/variants.ts';
import type { Options } from './stage.ts';

/** The rule of src/stages/horusec/assets: one hit in every file that is read. */
const SEEN = 'HS-LEAKS-9000000';

const vulnerability = z.object({
  line: z.string().nullish(),
  column: z.string().nullish(),
  file: z.string(),
  details: z.string(),
  securityTool: z.string(),
  language: z.string().nullish(),
  severity: z.string(),
  /** `Vulnerability`, or what the tree's or the platform's settings made of it. */
  type: z.string().nullish(),
  /** Since version 2.8; empty for tools without rules. */
  rule_id: z.string().nullish(),
});

const reportSchema = z.object({
  version: z.string(),
  status: z.string(),
  errors: z.string(),
  analysisVulnerabilities: z.array(z.object({ vulnerabilities: vulnerability })).nullable(),
  /** Ours, left by `sanitizeHorusec`: how many files had the hit. */
  secplanSeen: z.number().int().nonnegative().optional(),
});

type Report = z.infer<typeof reportSchema>;

type Vulnerability = z.infer<typeof vulnerability>;

/** Horusec's JSON. One that says that a part of it failed is a failure: what that part would have found is not known. */
function readHorusec(text: string | undefined, context: ParseContext): ParseOutcome {
  const read = readJsonReport('report', text, reportSchema);
  if (!read.ok) return read;
  const { status, secplanSeen } = read.value;
  if (status !== 'success') {
    return {
      ok: false,
      failure: { reason: 'error-text', text: `status is ${oneLine(status).slice(0, 60)}` },
    };
  }
  const seen = secplanSeen ?? seenFiles(read.value);
  return {
    ok: true,
    findings: findingsOf(read.value, context),
    notes: [],
    examined: { count: seen, unit: 'files', evidence: `files with a hit of the rule ${SEEN}` },
  };
}

function all({ analysisVulnerabilities: list }: Report): readonly Vulnerability[] {
  return (list ?? []).map(({ vulnerabilities }) => vulnerabilities);
}

function seenFiles(value: Report): number {
  return new Set(all(value).flatMap((item) => (item.rule_id === SEEN ? [item.file] : []))).size;
}

function findingsOf(value: Report, context: Pick<ParseContext, 'relative'>): ParsedFinding[] {
  return all(value)
    .filter(({ rule_id: id, type }) => id !== SEEN && type !== 'False Positive' && type !== 'Corrected')
    .map((item) => toFinding(item, context));
}

function toFinding(item: Vulnerability, context: Pick<ParseContext, 'relative'>): ParsedFinding {
  const path = context.relative(item.file);
  // The first line is the title; rules without an id are known by it, behind `(1/3) * Possible vulnerability detected:`.
  const [first = ''] = item.details.split('\n');
  const title =
    oneLine(first.replace(/^\(\d+\/\d+\) \* Possible vulnerability detected: /, '')) || 'no title';
  const cwe = [
    ...new Set([...item.details.matchAll(/CWE-0*(\d{1,5})/g)].map(([, id]) => `CWE-${id}`)),
  ].sort();
  const start = Number(item.line);
  const column = Number(item.column);
  return {
    kind: item.language === 'Leaks' ? 'secret' : 'code',
    rule: {
      id: item.rule_id || `${item.securityTool}/${slug(title)}`,
      name: title,
      ...(cwe.length > 0 ? { cwe } : {}),
    },
    message: title,
    toolLevel: item.severity,
    ...locationOf(path, { startLine: start, startColumn: column }),
  };
}

function slug(title: string): string {
  const plain = title.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return plain.slice(0, 60).replace(/^-|-$/g, '') || 'unnamed';
}

/** A report from elsewhere in which some of its tools failed still holds what the others found. */
const variants: readonly ReportVariant[] = [
  jsonVariant(
    'its JSON with errors',
    reportSchema.refine(({ status, errors }) => status === 'error' && errors !== '', 'no error in it'),
    (value, context) => ({
      findings: findingsOf(value, context),
      notes: [{ message: 'a part of Horusec failed: its findings are missing' }],
    }),
  ),
];

/** Without the code that it quotes, hashes of it, authors of commits, ids and times; our rule's hits become a count. */
function sanitizeHorusec(text: string): string {
  return rewriteJson(text, (json) => {
    const parsed = reportSchema.safeParse(json);
    if (!isRecord(json) || !parsed.success) return isRecord(json) ? omit(json, LIST) : json;
    const seen = parsed.data.secplanSeen ?? seenFiles(parsed.data);
    const kept = all(parsed.data).filter((item) => item.rule_id !== SEEN);
    return {
      version: parsed.data.version,
      status: parsed.data.status,
      errors: parsed.data.errors === '' ? '' : 'a tool failed',
      secplanSeen: seen,
      analysisVulnerabilities: inOneOrder(kept).map((vulnerabilities) => ({ vulnerabilities })),
    };
  });
}

const LIST = ['analysisVulnerabilities'];

export const report: StageReport<Options> = {
  variants: [...variants, sarifVariant(['Horusec'], 'code')],
  parse: (raw, context) => readHorusec(raw.report, context),
  sanitize: (_, text) => sanitizeHorusec(text),
};
