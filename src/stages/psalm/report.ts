import * as z from 'zod';
import { byCodeUnit } from '../../core/canonical.ts';
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
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { omit, rewriteJson } from '../formats/sanitize.ts';
import { jsonVariant, sarifVariant } from '../formats/variants.ts';
import { readXmlReport, xmlText } from '../formats/xml-report.ts';
import { TAINTS } from './rules.ts';
import type { Options } from './stage.ts';

const line = z.number().int();

/** One issue; `snippet`, `selected_text` and what traces quote are not read. */
const issue = z.object({
  severity: z.string(),
  type: z.string().min(1),
  message: z.string(),
  file_name: z.string(),
  line_from: line,
  line_to: line.nullish(),
  column_from: line.nullish(),
  column_to: line.nullish(),
  link: z.string().nullish(),
});

type Issue = z.infer<typeof issue>;

/** Types that say that a file was not understood. */
const BROKEN: ReadonlySet<string> = new Set(['ParseError']);

const ANALYSED = /^Analyzing (\/.*)$/gm;

/** Psalm's JSON, and its log's lines for the files that it analysed. */
function readPsalm(raw: RawOutputs, context: ParseContext): ParseOutcome {
  const read = readJsonReport('report', raw.report, z.array(issue));
  if (!read.ok) return read;
  const broken = new Map<string, Note>();
  for (const item of read.value) {
    const path = context.relative(item.file_name);
    if (BROKEN.has(item.type) && path !== undefined)
      broken.set(path, { message: 'not checked: Psalm could not parse it', path });
  }
  const seen = new Set(
    [...(raw.files ?? '').matchAll(ANALYSED)].map(([, written = '']) => context.relative(written)),
  );
  for (const path of [undefined, ...broken.keys()]) seen.delete(path);
  return {
    ok: true,
    findings: read.value.filter(({ type }) => !BROKEN.has(type)).map((item) => toFinding(item, context)),
    notes: [...broken.values()],
    examined: {
      count: seen.size,
      unit: 'files',
      evidence: '`Analyzing …` in its log, without files that it could not parse',
    },
  };
}

function toFinding(item: Issue, context: Pick<ParseContext, 'relative'>): ParsedFinding {
  const path = context.relative(item.file_name);
  const cwe = Object.hasOwn(TAINTS, item.type) ? TAINTS[item.type]?.cwe : undefined;
  return {
    kind: 'code',
    rule: { id: item.type, ...(item.link ? { url: item.link } : {}), ...(cwe ? { cwe: [cwe] } : {}) },
    message: oneLine(item.message),
    toolLevel: item.severity,
    ...locationOf(path, {
      startLine: item.line_from,
      startColumn: item.column_from,
      endLine: item.line_to,
      endColumn: item.column_to,
    }),
  };
}

const QUOTING = ['snippet', 'selected_text', 'taint_trace', 'other_references', 'file_path'];

/** Without source code, traces of it, and the machine's paths. */
function sanitizePsalm(text: string): string {
  return rewriteJson(text, (json) => (Array.isArray(json) ? json.map((item) => bare(item)) : json));
}

function bare(item: unknown): unknown {
  if (!isRecord(item) || !BROKEN.has(String(item.type))) return omit(item, QUOTING);
  return { ...(omit(item, QUOTING) as object), message: 'a syntax error' };
}

/** Of its debugging log only the lines that name analysed files, and errors, in one order. */
function sanitizeLog(text: string): string {
  const kept = text.split('\n').filter((item) => /^(Analyzing \/|PHP |Fatal error|Uncaught )/.test(item));
  return kept
    .map((item) => item.slice(0, 4096))
    .toSorted(byCodeUnit)
    .map((item) => `${item}\n`)
    .join('');
}

const optional = z.string().optional();

/** Its XML has the members of an issue as elements, all of them text. */
const inXml = z.object({
  report: z.union([
    z.literal(''),
    z.strictObject({
      item: z.array(
        z
          .object({
            severity: z.string(),
            type: z.string().min(1),
            message: z.string(),
            file_name: z.string(),
            line_from: z.string(),
            line_to: optional,
            column_from: optional,
            column_to: optional,
            link: optional,
          })
          .transform((item): Issue => {
            const number = (text: string | undefined): number =>
              /^\d{1,9}$/.test(text ?? '') ? Number(text) : 0;
            return {
              ...item,
              message: xmlText(item.message),
              file_name: xmlText(item.file_name),
              line_from: number(item.line_from),
              line_to: number(item.line_to),
              column_from: number(item.column_from),
              column_to: number(item.column_to),
            };
          }),
      ),
    }),
  ]),
});

const xml: ReportVariant = {
  name: 'XML',
  parse: (text, context) => {
    const read = readXmlReport('report', text, ['item'], inXml);
    if (!read.ok) return read;
    const items = read.value.report === '' ? [] : read.value.report.item;
    const examined = { count: 0, unit: 'files', evidence: 'a report from elsewhere' } as const;
    return { ok: true, findings: items.map((item) => toFinding(item, context)), notes: [], examined };
  },
};

/** As other tools wrap its issues. */
const variants: readonly ReportVariant[] = [
  xml,
  jsonVariant('an object with `issues`', z.object({ issues: z.array(issue) }), ({ issues }, context) => ({
    findings: issues.map((item) => toFinding(item, context)),
  })),
];

export const report: StageReport<Options> = {
  variants: [...variants, sarifVariant(['Psalm'], 'code')],
  parse: (raw, context) => readPsalm(raw, context),
  sanitize: (output, text) => (output === 'files' ? sanitizeLog(text) : sanitizePsalm(text)),
};
