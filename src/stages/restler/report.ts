import * as z from 'zod';
import { isRecord } from '../../core/is-record.ts';
import type { ParseContext, ParseOutcome, RawOutputs, StageReport } from '../contract/report.ts';
import { textDetail } from '../families/http/http-auth.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { omit, rewriteJson } from '../formats/sanitize.ts';
import { bucketsVariant, readBuckets, sanitizeBuckets } from './buckets.ts';
import { bugVariant } from './bug.ts';
import type { Options } from './stage.ts';

/** `testing_summary.json` of the engine. */
const summary = z.object({
  final_spec_coverage: z.string(),
  bug_buckets: z.record(z.string(), z.int()),
});

/** `runSummary.json` of the results' analyzer: answers by status. */
const codes = z.object({ codeCounts: z.record(z.string(), z.int().min(0)) });

/** RESTler's own, for a time-out and a connection that was closed: nobody answered. */
const NO_ANSWER = new Set(['598', '599']);

export const report: StageReport<Options> = {
  parse: (raw, context) => readRestler(raw, context),
  variants: [bucketsVariant, bugVariant],
  sanitize: (output, text) => (output === 'buckets' ? sanitizeBuckets(text) : sanitizeSummary(text)),
};

function readRestler(raw: RawOutputs, context: ParseContext): ParseOutcome {
  const run = readJsonReport('report', raw.report, summary);
  if (!run.ok) return run;
  const answers = readJsonReport('codes', raw.codes, codes);
  if (!answers.ok) return answers;
  const { final_spec_coverage: coverage, bug_buckets } = run.value;
  const counted = Object.values(bug_buckets).reduce((sum, count) => sum + count, 0);
  const path = textDetail(context.target, 'openapi');
  const found =
    counted === 0 && raw.buckets === undefined
      ? { ok: true as const, value: [] }
      : readBuckets('buckets', raw.buckets, path);
  if (!found.ok) return found;
  if (found.value.length < counted) {
    const detail = `${found.value.length} of ${counted} bugs are in it`;
    return { ok: false, failure: { reason: 'report-malformed', output: 'buckets', detail } };
  }
  const count = Object.entries(answers.value.codeCounts)
    .filter(([code]) => !NO_ANSWER.has(code))
    .reduce((sum, [, each]) => sum + each, 0);
  return {
    ok: true,
    findings: found.value,
    notes: [{ message: `operations with a valid answer: ${coverage.slice(0, 40)}` }],
    examined: { count, unit: 'requests', evidence: 'codeCounts in runSummary.json, without 598 and 599' },
  };
}

/** Without the seed, and the buckets of errors whose names are made of answers. */
function sanitizeSummary(text: string): string {
  return rewriteJson(text, (json) => (isRecord(json) ? omit(json, ['settings', 'errorBuckets']) : json));
}
