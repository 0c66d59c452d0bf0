import type { ParsedFinding } from '../../core/finding.ts';
import type { ParseOutcome, StageReport } from '../contract/report.ts';
import { oneLine } from '../formats/one-line.ts';
import type { Options } from './stage.ts';

const RESULT = /^Test: (\S{1,200}) (\S{1,200}) Vulnerable: (true|false)(?: Severity : (\w{1,20}))?\s*$/;

const API = /\bAPI: (\S{1,2000}) ([A-Z]{1,10})\s*$/;

/** Said instead of results. */
const TROUBLE =
  /(api execution failed|Please set AKTO_|No (test ids|api collection) to test|Could not fetch )/;

/** The last line, whether the file that it speaks of could be written or not. */
const END = /\b(Detailed result is written to output\.txt|Error writing to file \S+ due to)/;

/** What the command line of Akto's tests prints: a result for each test and API, and the totals before. */
function readAkto(text: string | undefined): ParseOutcome {
  if (text === undefined) return { ok: false, failure: { reason: 'report-missing', output: 'report' } };
  if (text.trim() === '') return { ok: false, failure: { reason: 'report-empty', output: 'report' } };
  const lines = plain(text).split('\n');
  const trouble = lines.find((line) => TROUBLE.test(line));
  if (trouble !== undefined)
    return { ok: false, failure: { reason: 'error-text', text: oneLine(TROUBLE.exec(trouble)?.[0] ?? '') } };
  const total = numberOf(lines, /\bTotal vulnerabilities: (\d{1,7})\s*$/);
  const apis = numberOf(lines, /\bTested (\d{1,7}) APIs?\s*$/);
  if (total === undefined || apis === undefined) {
    const detail = 'no line "Tested … APIs" or "Total vulnerabilities: …"';
    return { ok: false, failure: { reason: 'report-schema', output: 'report', detail } };
  }
  if (!lines.some((line) => END.test(line)))
    return {
      ok: false,
      failure: { reason: 'report-malformed', output: 'report', detail: 'truncated' },
    };
  const findings: ParsedFinding[] = [];
  let results = 0;
  let api = '';
  for (const line of lines) {
    const named = API.exec(line);
    if (named !== null)
      api = `${named[2]} ${(named[1] ?? '').replace(/^[a-z]+:\/\/[^/]*|[?#].*$/gi, '') || '/'}`;
    const result = RESULT.exec(line);
    if (result === null) continue;
    results += 1;
    const [, group = '', test = '', vulnerable, severity] = result;
    if (vulnerable !== 'true') continue;
    findings.push({
      kind: 'other',
      rule: { id: `akto/${test.toLowerCase()}`, name: oneLine(`${test} (${group})`) },
      message: oneLine(`${api}: ${test} (${group})`),
      ...(severity === undefined ? {} : { toolLevel: severity }),
    });
  }
  if (findings.length !== total) {
    const detail = `${findings.length} of ${total} vulnerabilities are in it`;
    return { ok: false, failure: { reason: 'report-malformed', output: 'report', detail } };
  }
  return {
    ok: true,
    findings,
    notes: [{ message: `${apis} APIs of the collection were tested` }],
    examined: {
      count: apis === 0 ? 0 : results,
      unit: 'requests',
      evidence: 'lines "Test: … Vulnerable: …" on standard output',
    },
  };
}

function numberOf(lines: readonly string[], pattern: RegExp): number | undefined {
  for (const line of lines) {
    const found = pattern.exec(line)?.[1];
    if (found !== undefined) return Number(found);
  }
  return undefined;
}

/** Without the colours of a terminal. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colours begin with
  return text.replace(/\u001b\[[0-9;]*m/g, '');
}

const KEPT = [RESULT, API, TROUBLE, END, /\b(Tested \d+ API|Total vulnerabilities: )/];

export const report: StageReport<Options> = {
  parse: (raw) => readAkto(raw.report),
  sanitize: (_, text) => sanitizeAkto(text),
};

/** Only the lines that count: others may quote what was sent. */
function sanitizeAkto(text: string): string {
  if (text.trim() === '') return text;
  const kept = plain(text)
    .split('\n')
    .filter((line) => KEPT.some((pattern) => pattern.test(line)))
    .map((line) => line.replace(/[?#]\S*/g, ''));
  return kept.length === 0 ? 'withheld\n' : `${kept.join('\n')}\n`;
}
