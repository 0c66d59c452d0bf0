import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { Note, ParseContext, ParseOutcome, ReportVariant, StageReport } from '../contract/report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { omit, rewriteJson } from '../formats/sanitize.ts';
import { jsonVariant, sarifVariant } from '../formats/variants.ts';
import type { Options } from './stage.ts';

const check = z.object({
  name: z.string().min(1),
  /** 0 to 10; -1 where it could not tell. */
  score: z.number(),
  reason: z.string(),
  /** Null where there are none. */
  details: z.array(z.string()).nullable(),
  documentation: z.object({ url: z.string().nullish(), short: z.string().nullish() }).nullish(),
});

const reportSchema = z.object({
  scorecard: z.object({ version: z.string() }),
  checks: z.array(check).min(1),
});

type Check = z.infer<typeof check>;

/** A perfect score. */
const BEST = 10;

/** Bounds one check's list: a tree may hold thousands of files that nothing is pinned in. */
const MOST = 1000;

/** Scorecard's JSON: one finding for each place that a check warns of, or one for a check that names none. */
function readScorecard(text: string | undefined, context: ParseContext): ParseOutcome {
  const read = readJsonReport('report', text, reportSchema);
  if (!read.ok) return read;
  const { checks } = read.value;
  const told = checks.filter(({ score }) => score >= 0);
  const notes: Note[] = checks
    .filter(({ score }) => score < 0)
    .map(({ name, reason }) => ({ message: oneLine(`not checked: ${name}: ${reason}`) }));
  return {
    ok: true,
    findings: told.filter(({ score }) => score < BEST).flatMap((item) => findingsOf(item, context)),
    notes,
    examined: { count: told.length, unit: 'rules', evidence: 'checks with a score in the report' },
  };
}

function findingsOf(item: Check, context: ParseContext): ParsedFinding[] {
  const rule = {
    id: item.name,
    ...(item.documentation?.short ? { name: oneLine(item.documentation.short) } : {}),
    ...(item.documentation?.url ? { url: item.documentation.url } : {}),
  };
  const places = (item.details ?? [])
    .filter((detail) => detail.startsWith('Warn: '))
    .slice(0, MOST)
    .flatMap((detail) => placed(detail, context));
  const base = { kind: 'other' as const, rule, toolLevel: item.name };
  if (places.length === 0) return [{ ...base, message: oneLine(item.reason) }];
  return places.map((place) => ({ ...base, ...place }));
}

/** `Warn: text: path:3-5`; the text may hold colons itself. */
function placed(detail: string, context: ParseContext) {
  const match = /^Warn: (.{1,2000}): ([^:]{1,1000}?)(?::(\d{1,9})(?:-\d{1,9})?)?$/s.exec(detail);
  const path = match?.[2] === undefined ? undefined : context.relative(match[2]);
  if (match?.[1] === undefined || path === undefined || /\s/.test(path)) return [];
  const line = Number(match[3] ?? 0);
  return [{ message: oneLine(match[1]), ...locationOf(path, { startLine: line }) }];
}

/** `--format probe`: what each probe saw. Whether that is good or bad depends on the probe, so it is rated as information. */
const probeVariant: ReportVariant = jsonVariant(
  'the results of its probes',
  z.object({
    scorecard: z.object({ version: z.string() }),
    findings: z.array(
      z.object({
        probe: z.string(),
        message: z.string(),
        outcome: z.string(),
        location: z.object({ path: z.string(), lineStart: z.number().int().nullish() }).nullish(),
      }),
    ),
  }),
  ({ findings }, { relative }) => ({
    findings: findings
      .filter(({ outcome }) => !['NotApplicable', 'NotAvailable', 'NotSupported', 'Error'].includes(outcome))
      .map(({ probe, message, outcome, location }): ParsedFinding => {
        const path = location ? relative(location.path) : undefined;
        const line = location?.lineStart ?? 0;
        return {
          kind: 'other',
          rule: { id: probe },
          message: oneLine(`${message} (${outcome})`),
          toolLevel: 'probe',
          ...locationOf(path, { startLine: line }),
        };
      }),
  }),
);

export const report: StageReport<Options> = {
  variants: [probeVariant, sarifVariant(['Scorecard'], 'other')],
  parse: (raw, context) => readScorecard(raw.report, context),
  sanitize: (_, text) => sanitizeScorecard(text),
};

/** Without the date and the machine's folder. */
function sanitizeScorecard(text: string): string {
  return rewriteJson(text, (json) => (isRecord(json) ? omit(json, ['date', 'repo']) : json));
}
