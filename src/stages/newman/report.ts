import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { Note, ParseContext, ParseOutcome, ReportVariant, StageReport } from '../contract/report.ts';
import { textDetail } from '../families/http/http-auth.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { readJunitReport } from '../formats/junit-report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { mapList, rewriteJson } from '../formats/sanitize.ts';
import type { Options } from './stage.ts';

const assertion = z.object({
  assertion: z.string(),
  skipped: z.boolean().nullish(),
  error: z.object({}).nullish(),
});

const named = z.object({ name: z.string().nullish() });

/** Newman's JSON reporter. Its `failures` holds assertions, errors of scripts and unanswered requests alike. */
const reportSchema = z.object({
  collection: z.object({}),
  run: z.object({
    error: z.object({ message: z.string().nullish() }).nullish(),
    stats: z.object({ requests: z.object({ total: z.int().min(0) }) }),
    executions: z.array(
      z.object({
        item: named,
        response: z.object({ code: z.int().nullish() }).nullish(),
        requestError: z.object({ code: z.string().nullish() }).nullish(),
        assertions: z.array(assertion).nullish(),
      }),
    ),
    failures: z.array(
      z.object({
        error: z.object({ name: z.string().nullish(), test: z.string().nullish() }),
        at: z.string().nullish(),
        source: named.nullish(),
        parent: named.nullish(),
      }),
    ),
  }),
});

type Run = z.infer<typeof reportSchema>['run'];

/** What its JUnit reporter writes: a suite for each request, a test for each assertion. */
const junit: ReportVariant = {
  name: 'JUnit',
  parse: (text) => {
    const read = readJunitReport('report', text);
    if (!read.ok) return read;
    const { failures, notes, ran } = read.value;
    return {
      ok: true,
      findings: failures.map(({ level, suite, test }) => ({
        kind: 'other',
        rule: { id: level === 'failure' ? 'postman/assertion' : 'postman/script-error' },
        message: oneLine(test.includes(suite) ? test : `${suite}: ${test}`),
        toolLevel: level === 'failure' ? 'assertion' : 'script-error',
      })),
      notes,
      examined: { count: ran, unit: 'requests', evidence: 'a report from elsewhere' },
    };
  },
};

export const report: StageReport<Options> = {
  variants: [junit],
  parse: (raw, context) => readNewman(raw.report, context),
  sanitize: (_, text) => sanitizeNewman(text),
};

function readNewman(text: string | undefined, context: ParseContext): ParseOutcome {
  const read = readJsonReport('report', text, reportSchema);
  if (!read.ok) return read;
  const { run } = read.value;
  const { error, executions } = run;
  if (error)
    return {
      ok: false,
      failure: {
        reason: 'error-text',
        text: oneLine(`the run stopped: ${error.message ?? 'no reason given'}`),
      },
    };
  const unanswered = executions.filter(({ response, requestError }) => requestError || !response);
  if (unanswered.length > 0)
    return { ok: false, failure: { reason: 'unreachable', detail: unansweredText(unanswered) } };
  return {
    ok: true,
    findings: findingsOf(run, textDetail(context.target, 'postman')),
    notes: notesOf(run),
    examined: {
      count: executions.length,
      unit: 'requests',
      evidence: 'executions with a response in the report',
    },
  };
}

function unansweredText(unanswered: Run['executions']): string {
  const some = unanswered
    .slice(0, 10)
    .map(({ item, requestError }) => `${item.name ?? 'a request'} (${requestError?.code ?? 'no response'})`);
  return oneLine(`${unanswered.length} requests were not answered: ${some.join(', ')}`);
}

/** The message names the request and the test, not what was got: that changes from run to run. It is in the log. */
function findingsOf({ failures }: Run, path: string | undefined): ParsedFinding[] {
  const found = new Map<string, ParsedFinding>();
  for (const { error, source, parent, at } of failures) {
    const where = [parent?.name, source?.name].filter((part) => part).join(' / ') || 'the collection';
    const failed = error.test;
    const id = failed ? 'postman/assertion' : 'postman/script-error';
    const message = oneLine(
      failed ? `${where}: ${failed}` : `${where}: ${error.name ?? 'error'} in ${at ?? 'a script'}`,
    );
    found.set(`${id}\0${message}`, {
      kind: 'other',
      rule: {
        id,
        name: failed ? 'An assertion of the collection failed' : 'A script of the collection failed',
      },
      message,
      toolLevel: failed ? 'assertion' : 'script-error',
      ...locationOf(path),
    });
  }
  return [...found.values()];
}

function notesOf({ executions }: Run): Note[] {
  const all = executions.flatMap(({ assertions }) => assertions ?? []);
  const skipped = all.filter(({ skipped }) => skipped).length;
  return [
    ...(all.length === 0
      ? [{ message: 'the collection has no assertions: requests were sent, responses were not checked' }]
      : []),
    ...(skipped === 0 ? [] : [{ message: `${skipped} assertions were skipped` }]),
  ];
}

/** Keeps what was asserted of which request: requests hold credentials, responses whatever the API answered. */
function sanitizeNewman(text: string): string {
  return rewriteJson(text, (json) => {
    if (!isRecord(json) || !isRecord(json.run)) return json;
    const { stats, error, executions, failures } = json.run;
    const run = mapList(
      mapList(
        { stats, error: error ? pick(error, ['name', 'message']) : null, executions, failures },
        'executions',
        execution,
      ),
      'failures',
      failure,
    );
    const collection = isRecord(json.collection) ? json.collection : {};
    return { collection: { info: pick(collection.info, ['name', 'schema']) }, run };
  });
}

function execution(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { item, request, response, requestError, assertions } = value;
  return mapList(
    {
      item: pick(item, ['name']),
      request: pick(request, ['method']),
      ...(response === undefined ? {} : { response: pick(response, ['code']) }),
      ...(requestError === undefined ? {} : { requestError: pick(requestError, ['code', 'syscall']) }),
      assertions: assertions ?? [],
    },
    'assertions',
    (one) => (isRecord(one) && one.error ? { ...one, error: pick(one.error, ['name', 'message']) } : one),
  );
}

function failure(value: unknown): unknown {
  if (!isRecord(value)) return value;
  return {
    error: pick(value.error, ['name', 'test', 'message']),
    at: value.at,
    source: pick(value.source, ['name']),
    parent: pick(value.parent, ['name']),
  };
}

function pick(value: unknown, keys: readonly string[]): unknown {
  if (!isRecord(value)) return value ?? {};
  return Object.fromEntries(Object.entries(value).filter(([key]) => keys.includes(key)));
}
