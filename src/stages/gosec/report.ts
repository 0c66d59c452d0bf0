import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { Note, ParseContext, ParseOutcome, StageReport } from '../contract/report.ts';
import { gitlabVariant } from '../formats/gitlab-report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { mapList, omit, rewriteJson } from '../formats/sanitize.ts';
import { sarifVariant } from '../formats/variants.ts';
import type { Options } from './stage.ts';

const issue = z.object({
  severity: z.string(),
  cwe: z.object({ id: z.string().nullish() }).nullish(),
  rule_id: z.string().min(1),
  details: z.string(),
  file: z.string(),
  /** One line, or two of them as `3-5`. */
  line: z.string(),
  column: z.string().nullish(),
});

const reportSchema = z.object({
  // As pairs: the keys are names of scanned files.
  'Golang errors': z
    .preprocess(
      (value) => (isRecord(value) ? Object.entries(value) : value),
      z.array(z.tuple([z.string(), z.array(z.object({ line: z.number(), error: z.string() }))])),
    )
    .nullish(),
  Issues: z.array(issue).nullable(),
  Stats: z.object({ files: z.number().int().nonnegative() }),
});

type Issue = z.infer<typeof issue>;

export const report: StageReport<Options> = {
  variants: [gitlabVariant('code'), sarifVariant(['gosec'], 'code')],
  parse: (raw, context) => readGosec(raw.report, context),
  sanitize: (_, text) => sanitizeGosec(text),
};

/** gosec's JSON; it counts the files that it read, and names those that Go could not make sense of. */
function readGosec(text: string | undefined, context: ParseContext): ParseOutcome {
  const read = readJsonReport('report', text, reportSchema);
  if (!read.ok) return read;
  const errors = read.value['Golang errors'] ?? [];
  const notes: Note[] = [];
  let failed = 0;
  for (const [file, problems] of errors) {
    if (file === '') continue;
    // Without a module's types most rules still work.
    const partly = problems.every(({ error }) => error.startsWith('could not import '));
    if (!partly) failed += 1;
    const path = context.relative(file);
    const where = problems[0] === undefined || problems[0].line < 1 ? '' : `, line ${problems[0].line}`;
    const message = partly ? 'checked in part: an import is missing' : 'not checked: Go could not compile it';
    if (notes.length < 1000)
      notes.push({ message: `${message}${where}`, ...(path === undefined ? {} : { path }) });
  }
  for (const [, name = ''] of context.log.stderr.matchAll(
    /Panic when running SSA analyzer on package: (\S{1,200})/g,
  )) {
    notes.push({
      message: `package ${oneLine(name.replace(/\.$/, ''))}: data-flow rules were not run`,
    });
  }
  return {
    ok: true,
    findings: (read.value.Issues ?? []).map((item) => toFinding(item, context)),
    notes,
    examined: {
      count: Math.max(0, read.value.Stats.files - failed),
      unit: 'files',
      evidence: 'Stats.files in the report, without files that Go could not compile',
    },
  };
}

function toFinding(item: Issue, context: ParseContext): ParsedFinding {
  const path = context.relative(item.file);
  const cwe = item.cwe?.id;
  const [startLine, endLine] = item.line.split('-').map(Number);
  return {
    kind: 'code',
    rule: { id: item.rule_id, ...(cwe && /^\d{1,6}$/.test(cwe) ? { cwe: [`CWE-${cwe}`] } : {}) },
    message: oneLine(item.details),
    toolLevel: item.severity,
    ...locationOf(path, { startLine, startColumn: Number(item.column), endLine }),
  };
}

/** Without source code; what Go says of a broken file may quote it. */
function sanitizeGosec(text: string): string {
  return rewriteJson(text, (json) => {
    const bare = mapList(json, 'Issues', (item) => omit(item, ['code', 'autofix']));
    const errors = isRecord(bare) ? bare['Golang errors'] : undefined;
    if (!isRecord(bare) || !isRecord(errors)) return bare;
    const short = Object.entries(errors).map(([file, list]) => [
      file,
      Array.isArray(list) ? list.map((item: unknown) => withoutQuote(item)) : list,
    ]);
    return { ...bare, 'Golang errors': Object.fromEntries(short) };
  });
}

function withoutQuote(item: unknown): unknown {
  if (!isRecord(item) || typeof item.error !== 'string') return item;
  return {
    ...item,
    error: item.error.startsWith('could not import ') ? 'could not import a package' : 'an error',
  };
}
