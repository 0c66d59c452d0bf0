import type { ParsedFinding } from '../../core/finding.ts';
import type { ReportVariant } from '../contract/report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import type { Reading } from '../formats/reading.ts';

const HEAD = /^(\w{1,100}) - (Bug was reproduced|Bug was not reproduced|Unable to reproduce bug)\b/;
const REQUEST = /^([A-Z]{3,10}) (\S{1,2000}) HTTP\/1\.[01]/;
/** At the end of every bug. */
const END = /^-{20,}$/;

/** `bug_buckets.txt`: the number of bugs, then each with the requests that lead to it, a line each. */
export function readBuckets(
  output: string,
  text: string | undefined,
  path?: string,
): Reading<readonly ParsedFinding[]> {
  if (text === undefined) return { ok: false, failure: { reason: 'report-missing', output } };
  if (text.trim() === '') return { ok: false, failure: { reason: 'report-empty', output } };
  const total = /^Total Buckets: (\d{1,7})$/m.exec(text)?.[1];
  if (total === undefined)
    return { ok: false, failure: { reason: 'report-schema', output, detail: 'no line "Total Buckets"' } };
  const findings: ParsedFinding[] = [];
  let bug: { checker: string; reproduced: boolean; requests: string[] } | undefined;
  for (const line of text.split('\n')) {
    const head = HEAD.exec(line);
    if (head !== null)
      bug = { checker: head[1] ?? '', reproduced: head[2] === 'Bug was reproduced', requests: [] };
    const request = REQUEST.exec(line);
    if (request !== null) bug?.requests.push(`${request[1]} ${shape(request[2] ?? '')}`);
    if (bug === undefined || !END.test(line)) continue;
    findings.push(bugFinding(bug.checker, bug.requests.at(-1), bug.reproduced, path));
    bug = undefined;
  }
  if (bug === undefined) return { ok: true, value: findings };
  return { ok: false, failure: { reason: 'report-malformed', output, detail: 'truncated inside a bug' } };
}

/** A finding of one bug: the checker is the rule, the last request its place. */
export function bugFinding(
  checker: string,
  request: string | undefined,
  reproduced: boolean,
  path?: string,
): ParsedFinding {
  const rule = checker.replace(/_(\d+x*|\w?xx)$/, '').replace(/Checker$/, '');
  const name = rule.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/_/g, ' ');
  const id = name.toLowerCase().replace('name space', 'namespace').replace(/ /g, '-').slice(0, 80);
  const code = /_(\d+x*)$/.exec(checker)?.[1];
  return {
    kind: 'other',
    rule: { id: `restler/${id}`, name },
    message: oneLine(
      `${request ?? 'a request'}: ${name}${code === undefined ? '' : ` (answered ${code})`}${reproduced ? '' : ', not reproduced'}`,
    ),
    toolLevel: reproduced ? 'reproduced' : 'unreproduced',
    ...locationOf(path),
  };
}

/** A path without its query, and without what RESTler puts in for the names of objects. */
function shape(target: string): string {
  return (target.split('?')[0] ?? '')
    .replace(/_READER_DELIM_?(\w+?)_?READER_DELIM/g, '{$1}')
    .replace(/-[0-9a-f]{10}\b/g, '')
    .slice(0, 300);
}

/** Each request's first line only: headers and bodies follow it, escaped, in the same line. */
export function sanitizeBuckets(text: string): string {
  return text
    .split('\n')
    .map((line) => /^([A-Z]{3,10} \S{1,2000} HTTP\/1\.[01])/.exec(line)?.[1] ?? line.slice(0, 300))
    .join('\n');
}

/** Bugs of a run elsewhere. */
export const bucketsVariant: ReportVariant = {
  name: 'bug_buckets.txt',
  parse: (text) => {
    const read = readBuckets('report', text);
    if (!read.ok) return read;
    return {
      ok: true,
      findings: read.value,
      notes: [],
      examined: { count: 0, unit: 'requests', evidence: 'a report from elsewhere' },
    };
  },
};
