import * as z from 'zod';
import type { Failure } from '../../core/failure.ts';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type {
  Note,
  ParseContext,
  ParseOutcome,
  RawOutputs,
  ReportVariant,
  StageReport,
} from '../contract/report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { readJunitReport } from '../formats/junit-report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { omit, rewriteJson } from '../formats/sanitize.ts';
import { documentsOf } from './documents.ts';
import { WEAKNESSES } from './severities.ts';
import type { Options } from './stage.ts';

/** Schemathesis' run report, since version 4.25; older ones write none. */
const reportSchema = z.object({
  schemathesis_version: z.string(),
  stop_reason: z.string(),
  complete: z.boolean(),
  operations: z
    .object({ selected: z.int().min(0), tested: z.int().min(0), errored: z.int().min(0) })
    .nullable(),
  test_cases: z.object({ generated: z.int().min(0), errored: z.int().min(0) }),
  failures: z.array(
    z.object({
      type: z.string(),
      code: z.string(),
      title: z.string(),
      severity: z.string(),
      operations: z.array(z.string()),
    }),
  ),
  errors: z.array(z.object({ title: z.string(), count: z.int() })),
  warnings: z.record(z.string(), z.array(z.string())).default({}),
});

type Report = z.infer<typeof reportSchema>;

/** One report for each of the target's documents; the first that says nothing was tested is the stage's failure. */
function readSchemathesis(raw: RawOutputs, context: ParseContext): ParseOutcome {
  const documents = documentsOf(context.target);
  // A report from elsewhere names no target: it is what there is.
  const parts = documents.length === 0 ? [{ output: 'report' as const, file: undefined }] : documents;
  const findings: ParsedFinding[] = [];
  const notes: Note[] = [];
  let count = 0;
  for (const { output, file } of parts) {
    const read = readJsonReport(output, raw[output], reportSchema);
    if (!read.ok) return read;
    const failure = failureOf(read.value);
    if (failure !== undefined) return { ok: false, failure };
    findings.push(...findingsOf(read.value, file));
    notes.push(...notesOf(read.value));
    count += read.value.test_cases.generated - read.value.test_cases.errored;
  }
  return {
    ok: true,
    findings,
    notes,
    examined: {
      count,
      unit: 'requests',
      evidence: 'test_cases.generated without test_cases.errored in the report',
    },
  };
}

const UNANSWERED = /network|connection|timeout/i;

/** What `--report junit` writes, in all versions: a test for each operation. */
const junit: ReportVariant = {
  name: 'JUnit',
  parse: (text) => {
    const read = readJunitReport('report', text);
    if (!read.ok) return read;
    const { failures, notes, ran } = read.value;
    return {
      ok: true,
      findings: failures.flatMap(({ test, message }) =>
        checksIn(message).map((check) => ofJunit(test, check)),
      ),
      notes,
      examined: { count: ran, unit: 'requests', evidence: 'a report from elsewhere' },
    };
  },
};

/** The checks that a message lists, `- Server error` each on a line; its first line where it lists none. */
function checksIn(message = ''): readonly string[] {
  const listed = [...message.matchAll(/^\s*- (\S[^\n]{0,200})$/gm)].map(([, check = '']) => check.trim());
  const [first = ''] = message.trim().split('\n');
  return listed.length > 0 ? [...new Set(listed)] : [first || 'Failed'];
}

function ofJunit(operation: string, check: string): ParsedFinding {
  const id = `contract/${kebab(check) || 'failed'}`;
  const cwe = WEAKNESSES[id];
  return {
    kind: 'other',
    rule: { id, name: oneLine(check), ...(cwe === undefined ? {} : { cwe }) },
    message: oneLine(`${operation}: ${check}`),
  };
}

export const report: StageReport<Options> = {
  variants: [junit],
  parse: (raw, context) => readSchemathesis(raw, context),
  sanitize: (_, text) => sanitizeSchemathesis(text),
};

/** What makes a report none: it broke off, hardly anything was answered, or nothing was tested and nothing found. */
function failureOf(one: Report): Failure | undefined {
  const { complete, stop_reason, errors, failures, operations, test_cases } = one;
  const said = errors.map(({ title, count }) => `${oneLine(title)} (${count})`).join(', ');
  // Where most requests were answered, one that was not is a flaw of the service, and found below.
  if (errors.some(({ title }) => UNANSWERED.test(title)) && test_cases.errored * 2 >= test_cases.generated)
    return { reason: 'unreachable', detail: said };
  if (!complete || stop_reason !== 'completed')
    return {
      reason: 'error-text',
      text: `it stopped early (${oneLine(stop_reason)})${said === '' ? '' : `: ${said}`}`,
    };
  const tested = operations?.tested ?? 0;
  const failed = errors.some(({ title }) => !UNANSWERED.test(title));
  if (failed && (tested === 0 || failures.length === 0)) return { reason: 'error-text', text: said };
  if (tested === 0 || test_cases.generated <= test_cases.errored)
    return {
      reason: 'nothing-examined',
      given: operations?.selected ?? 0,
      detail: 'no operation was tested',
    };
  return undefined;
}

function findingsOf({ errors, failures }: Report, path: string | undefined): ParsedFinding[] {
  const at = locationOf(path);
  const unanswered = errors.filter(({ title }) => UNANSWERED.test(title));
  const dropped = unanswered.map(
    ({ title }): ParsedFinding => ({
      kind: 'other',
      rule: { id: 'contract/no-response', name: 'Request without a response', cwe: ['CWE-755'] },
      // How many differs from run to run, and the report does not say of which operation; the log does.
      message: oneLine(`${title}: the service did not answer a request, and answered others`),
      toolLevel: 'no-response',
      ...at,
    }),
  );
  const found = failures.flatMap(({ type, code, title, severity, operations }) => {
    const id = `contract/${kebab(type)}`;
    const cwe = WEAKNESSES[id];
    return [...new Set(operations)].sort().map(
      (operation): ParsedFinding => ({
        kind: 'other',
        rule: { id, name: oneLine(title), ...(cwe === undefined ? {} : { cwe }) },
        message: oneLine(`${operation}: ${title} (${code})`),
        toolLevel: severity,
        ...at,
      }),
    );
  });
  return [...dropped, ...found];
}

/** Operations that were not looked at, or only from outside. */
function notesOf({ errors, operations, warnings }: Report): Note[] {
  const { selected = 0, tested = 0 } = operations ?? {};
  const closed = warnings.missing_auth ?? [];
  return [
    ...errors
      .filter(({ title }) => !UNANSWERED.test(title))
      .slice(0, 100)
      .map(({ title, count }) => ({ message: oneLine(`not checked: ${title} (${count})`) })),
    ...(tested < selected ? [{ message: `${tested} of ${selected} operations were tested` }] : []),
    ...(closed.length === 0
      ? []
      : [{ message: oneLine(`answered by 401 or 403 only: ${closed.slice(0, 50).join(', ')}`) }]),
  ];
}

function kebab(type: string): string {
  return type
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .toLowerCase()
    .slice(0, 100);
}

/** Without the command, which may hold a URL's password, and what differs from run to run. */
function sanitizeSchemathesis(text: string): string {
  return rewriteJson(text, (json) =>
    isRecord(json)
      ? omit(json, ['command', 'seed', 'started_at', 'running_time', 'valid_rates', 'baseline', 'auth'])
      : json,
  );
}
