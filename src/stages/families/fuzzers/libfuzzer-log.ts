import type { ParseContext, ParseOutcome } from '../../contract/report.ts';
import { crashesIn } from './sanitizer-crash.ts';

/** libFuzzer's first words, which every target built with it says. */
const STARTED = /^INFO: (?:Running with entropic|Seed: |Loaded \d)/m;
const RUNS = /^(?:Done (\d{1,15}) runs in \d+ second\(s\)|stat::number_of_executed_units:\s+(\d{1,15}))$/gm;
const CRASHED = /^artifact_prefix='.*'; Test unit written to /m;

/** What a target built with libFuzzer writes to standard error: it ends with how many inputs were run. */
export function readLibfuzzer(text: string | undefined, context: ParseContext): ParseOutcome {
  const refuse = (reason: 'report-schema' | 'report-malformed', detail: string): ParseOutcome => ({
    ok: false,
    failure: { reason, output: 'report', detail },
  });
  if (text === undefined) return { ok: false, failure: { reason: 'report-missing', output: 'report' } };
  if (text.trim() === '') return { ok: false, failure: { reason: 'report-empty', output: 'report' } };
  if (!STARTED.test(text)) return refuse('report-schema', 'not the output of a libFuzzer target');
  const runs = Math.max(0, ...[...text.matchAll(RUNS)].map((match) => Number(match[1] ?? match[2])));
  const ended = [...text.matchAll(RUNS)].length > 0;
  if (!ended)
    return refuse('report-malformed', 'it does not say how many inputs were run: truncated or killed');
  const findings = crashesIn(text, context.target.name, context.relative);
  if (findings.length === 0 && CRASHED.test(text)) {
    const message = `${context.target.name}: an input crashes the program`;
    findings.push({ kind: 'code', rule: { id: 'crash' }, message, toolLevel: 'crash' });
  }
  return {
    ok: true,
    findings,
    notes: [],
    examined: { count: runs, unit: 'inputs', evidence: 'number_of_executed_units on standard error' },
  };
}

/** Without the bytes of inputs, addresses, ids of processes and lines about progress. */
export function sanitizeLibfuzzer(text: string): string {
  const dull = /^(?:#\d+\s|Base64: |0x[0-9a-f]+,|\\x|\s*0x[0-9a-f]{8,}: |=>0x)/;
  return text
    .split('\n')
    .filter((line) => !dull.test(line))
    .map((line) => line.slice(0, 2000))
    .join('\n');
}
