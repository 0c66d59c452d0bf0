import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import type { ParseOutcome, StageReport } from '../contract/report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import type { Options } from './stage.ts';

const reportSchema = z.object({
  schema: z.literal('https://secplan.dev/schema/stack-probe/v1'),
  requests: z.array(
    z.object({
      method: z.string().max(20),
      status: z.int().min(100).max(599),
      headers: z.record(z.string(), z.string()),
    }),
  ),
});

export const report: StageReport<Options> = {
  parse: (raw) => readProbe(raw.report),
};

/** What the probe asked and was answered. That a service answers with an error is worth a word, and no more. */
function readProbe(text: string | undefined): ParseOutcome {
  const read = readJsonReport('report', text, reportSchema);
  if (!read.ok) return read;
  const { requests } = read.value;
  return {
    ok: true,
    findings: requests.filter(({ status, method }) => status >= 500 && method === 'GET').map(errorAnswer),
    notes: requests.map(({ method, status, headers }) => ({
      message: `${method} / answered ${status} with ${Object.keys(headers).length} headers`,
    })),
    examined: { count: requests.length, unit: 'requests', evidence: 'requests[] in the report' },
  };
}

function errorAnswer({ status }: { readonly status: number }): ParsedFinding {
  return {
    kind: 'other',
    rule: { id: 'probe/error-answer', name: 'The base URL answers with an error' },
    message: `GET / answered ${status}: scanners may see only this error`,
    toolLevel: 'error-answer',
  };
}
