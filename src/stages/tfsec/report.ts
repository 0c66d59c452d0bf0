import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import type { Note, ParseContext, ParseOutcome, StageReport } from '../contract/report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import type { Options } from './stage.ts';
import { variants } from './variants.ts';

/** A result that passed or was ignored stands in the list, too. */
const FAILED = 0;

const result = z.object({
  rule_id: z.string(),
  long_id: z.string(),
  rule_description: z.string().nullish(),
  links: z.array(z.string()).nullish(),
  description: z.string(),
  severity: z.string(),
  status: z.number(),
  resource: z.string().nullish(),
  location: z.object({ filename: z.string(), start_line: z.number(), end_line: z.number() }),
});

// Strict, as other tools, too, have `results`.
const reportSchema = z.strictObject({ results: z.array(result).nullable() });

/** tfsec's JSON; which files it parsed stands in its debug log only. */
function readTfsec(text: string | undefined, trace: string | undefined, context: ParseContext): ParseOutcome {
  const read = readJsonReport('report', text, reportSchema);
  if (!read.ok) return read;
  const added = new Set<string>();
  const notes = new Map<string, Note>();
  for (const line of (trace ?? '').split('\n')) {
    const file = ADDED.exec(line)?.[1];
    if (file !== undefined) added.add(file);
    const broken = BROKEN.exec(line)?.[1];
    if (broken === undefined || notes.size >= 1000) continue;
    const path = context.relative(`/${broken}`);
    notes.set(broken, { message: 'not checked: no valid HCL', ...(path === undefined ? {} : { path }) });
  }
  return {
    ok: true,
    findings: (read.value.results ?? [])
      .filter(({ status }) => status === FAILED)
      .map((item) => toFinding(item, context)),
    notes: [...notes.values()],
    examined: { count: added.size, unit: 'files', evidence: '`Added file` in the debug log' },
  };
}

function toFinding(item: z.infer<typeof result>, context: ParseContext): ParsedFinding {
  const { start_line: start, end_line: end, filename } = item.location;
  const path = context.relative(filename);
  const url = item.links?.[0];
  const text = item.resource ? `${item.description} (${item.resource})` : item.description;
  // Trivy, which took the rules over, calls AVD-AWS-0057 now AWS-0057.
  const trivy = /^AVD-([A-Z]+-[0-9]+)$/.exec(item.rule_id)?.[1];
  return {
    kind: 'misconfiguration',
    rule: {
      id: item.long_id || item.rule_id,
      ...(item.rule_description ? { name: oneLine(item.rule_description) } : {}),
      ...(url ? { url } : {}),
      ...(trivy === undefined ? {} : { aka: [trivy] }),
    },
    message: oneLine(text),
    toolLevel: item.severity,
    ...locationOf(path, { startLine: start, endLine: end }),
  };
}

/** Paths in the log are absolute but for the first slash. */
const ADDED = /Added file (\S.{0,4096})\.$/;

const BROKEN = /error parsing '([^'\n]{1,4096})'/;

export const report: StageReport<Options> = {
  variants,
  parse: (raw, context) => readTfsec(raw.report, raw.trace, context),
  sanitize: (output, text) => (output === 'trace' ? sanitizeTrace(text) : text),
};

/** Only what it says of files: values of variables stand in the log, too. Parsing is one after the other. */
function sanitizeTrace(text: string): string {
  const kept = text.split('\n').flatMap((line) => {
    const added = ADDED.exec(line)?.[1];
    if (added !== undefined) return [`Added file ${added}.`];
    const broken = BROKEN.exec(line)?.[1];
    if (broken !== undefined) return [`error parsing '${broken}'`];
    const fault = /^(Error|panic): /.exec(line)?.[1];
    return fault === undefined ? [] : [`${fault}: (withheld)`];
  });
  return kept.map((line) => `${line}\n`).join('');
}
