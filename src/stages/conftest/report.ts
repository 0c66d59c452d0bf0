import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import type { Note, ParseContext, ParseOutcome, StageReport } from '../contract/report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { withKnownLists } from '../formats/known-lists.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { inOneOrder, rewriteJson } from '../formats/sanitize.ts';
import { sarifVariant } from '../formats/variants.ts';
import type { Options } from './stage.ts';

const item = z.object({
  msg: z.string(),
  metadata: z
    .object({
      id: z.unknown().optional(),
      title: z.unknown().optional(),
      severity: z.unknown().optional(),
      url: z.unknown().optional(),
      query: z.string().nullish(),
    })
    .nullish(),
});

/** Empty lists are left out. */
const checked = withKnownLists(
  {
    filename: z.string(),
    namespace: z.string(),
    successes: z.number(),
    warnings: z.array(item).nullish(),
    failures: z.array(item).nullish(),
    exceptions: z.array(item).nullish(),
  },
  ['queries', 'skipped'],
);

const reportSchema = z.array(checked).min(1);

export const report: StageReport<Options> = {
  variants: [sarifVariant(['conftest'], 'misconfiguration')],
  parse: (raw, context) => readConftest(raw.report, context),
  sanitize: (_, text) => sanitizeConftest(text),
};

/** Conftest's JSON: one entry for each file and namespace of policies. */
function readConftest(text: string | undefined, context: ParseContext): ParseOutcome {
  const read = readJsonReport('report', text, reportSchema);
  if (!read.ok) return read;
  const notes: Note[] = [];
  const findings = read.value.flatMap(({ filename, namespace, ...results }) => {
    const path = context.relative(filename);
    const made = (list: readonly z.infer<typeof item>[] | null | undefined, level: string) =>
      (list ?? []).map((found) => toFinding(found, level, namespace, path));
    const excepted = results.exceptions?.length ?? 0;
    if (excepted > 0 && notes.length < 1000) {
      const message = `${excepted} checks of ${oneLine(namespace)} are suppressed by an exception in the policies`;
      notes.push({ message, ...(path === undefined ? {} : { path }) });
    }
    return [...made(results.failures, 'failure'), ...made(results.warnings, 'warning')];
  });
  // A file for which no namespace had a rule was read, but nothing was asked of it.
  const asked = read.value.filter(
    ({ successes, failures, warnings }) => successes + (failures?.length ?? 0) + (warnings?.length ?? 0) > 0,
  );
  return {
    ok: true,
    findings,
    notes,
    examined: {
      count: new Set(asked.map(({ filename }) => filename)).size,
      unit: 'files',
      evidence: 'files in the report for which a rule was evaluated',
    },
  };
}

function toFinding(
  { msg, metadata }: z.infer<typeof item>,
  level: string,
  namespace: string,
  path: string | undefined,
): ParsedFinding {
  const rule = metadata?.query?.split('.').at(-1) ?? (level === 'warning' ? 'warn' : 'deny');
  const { id, title, severity, url } = metadata ?? {};
  return {
    kind: 'misconfiguration',
    rule: {
      id: oneLine(text(id) ?? `${namespace}.${rule}`),
      ...(text(title) === undefined ? {} : { name: oneLine(text(title) ?? '') }),
      ...(text(url) === undefined ? {} : { url: text(url) ?? '' }),
    },
    message: oneLine(msg),
    toolLevel: text(severity) ?? level,
    ...locationOf(path),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Files are walked in any order. */
function sanitizeConftest(text: string): string {
  return rewriteJson(text, (json) => (Array.isArray(json) ? inOneOrder(json) : json));
}
