import * as z from 'zod';
import { byCodeUnit } from '../../core/canonical.ts';
import type { ParsedFinding } from '../../core/finding.ts';
import type { UnexaminedFile } from '../../core/unexamined.ts';
import type {
  ContentTest,
  ParseContext,
  ParseOutcome,
  ReportVariant,
  StageReport,
} from '../contract/report.ts';
import { anyOf, inUtf16, inUtf32, notInUtf8, noYamlCharacters } from '../formats/content.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { listedFiles } from '../formats/listed-files.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { inOneOrder, rewriteJson } from '../formats/sanitize.ts';
import { jsonVariant, sarifVariant } from '../formats/variants.ts';
import { noYaml } from '../formats/yaml-content.ts';
import { severities } from './severities.ts';
import type { Options } from './stage.ts';

const check = z.object({
  check_id: z.string(),
  check_name: z.string().nullish(),
  file_path: z.string().nullish(),
  file_line_range: z.array(z.number()).nullish(),
  resource: z.string().nullish(),
  severity: z.union([z.string(), z.object({ name: z.string() })]).nullish(),
  guideline: z.string().nullish(),
});

const framework = z.object({
  check_type: z.string(),
  results: z.object({
    passed_checks: z.array(z.unknown()),
    failed_checks: z.array(check),
    skipped_checks: z.array(check),
    parsing_errors: z.array(z.string()),
  }),
});

/** What Checkov writes when nothing in the tree was a resource to it. */
const nothing = z.object({
  passed: z.literal(0),
  failed: z.literal(0),
  skipped: z.literal(0),
  parsing_errors: z.literal(0),
  resource_count: z.literal(0),
  checkov_version: z.string(),
});

const reportSchema = z.union([z.array(framework).min(1), framework, nothing]);

type Framework = z.infer<typeof framework>;

type Check = z.infer<typeof check>;

/** Checkov's JSON, and the list of files that it opened: with no resource the report alone proves nothing. */
function readCheckov(
  text: string | undefined,
  files: string | undefined,
  context: ParseContext,
): ParseOutcome {
  const read = readJsonReport('report', text, reportSchema);
  if (!read.ok) return read;
  const value = read.value;
  const frameworks: readonly Framework[] = Array.isArray(value)
    ? value
    : 'check_type' in value
      ? [value]
      : [];
  const findings = frameworks.flatMap(({ results }) => [
    ...results.failed_checks.map((item) => toFinding(item, context, '')),
    // Checkov has no switch against skip comments: what they hide is brought back.
    ...results.skipped_checks.map((item) => toFinding(item, context, ' (a comment asks to skip it)')),
  ]);
  const broken = new Set(brokenFiles(frameworks, context).map(({ path }) => path));
  const opened = listedFiles(files ?? '', { before: '', written: onOneLine }, context).filter(
    (path) => !broken.has(path),
  );
  return {
    ok: true,
    findings,
    notes: [],
    unexamined: [...brokenFiles(frameworks, context), ...oddlyNamed(opened, context)],
    examined: {
      count: opened.length,
      unit: 'files',
      evidence: 'files that Checkov opened (Python audit events), without its parsing_errors',
      files: opened,
    },
  };
}

/** A file that one framework could not parse may be another's: JSON is tried as a plan by all of them. */
function brokenFiles(frameworks: readonly Framework[], context: ParseContext): UnexaminedFile[] {
  const files = new Map<string, UnexaminedFile>();
  for (const { check_type: type, results } of frameworks) {
    if (type === 'terraform_plan') continue;
    for (const written of results.parsing_errors) {
      const path = pathOf(written, context);
      if (path === undefined || files.has(path)) continue;
      files.set(path, { path, why: { kind: 'not-understood', detail: `no valid ${oneLine(type)}` } });
    }
  }
  return [...files.values()];
}

/** Names in which it sees no ending, or no Dockerfile; it says nothing of them. */
function oddlyNamed(opened: readonly string[], { given }: ParseContext): UnexaminedFile[] {
  const read = new Set(opened);
  const detail = 'Checkov does not recognise a file by a name of dots, or with a line break in it';
  return given
    .filter((path) => /(?:^|\/)\.+[^./]*$|\n/.test(path) && !read.has(path))
    .map((path) => ({ path, why: { kind: 'passed-over', detail } }));
}

/** What holds no text that it can decode, or no YAML, it passes over; it says so at its level of debugging alone. */
function unreadBy(path: string): ContentTest | undefined {
  if (/\.ya?ml$/.test(path)) return anyOf(inUtf16, inUtf32, noYamlCharacters, noYaml);
  return /(?:docker|container)file[^/]*$/i.test(path) ? notInUtf8 : undefined;
}

/** As launch.py writes a name. */
function onOneLine(path: string): string {
  return path.replaceAll('\n', '?');
}

/** Paths are absolute, relative, or absolute as if the scanned folder were the root. */
function pathOf(written: string, context: ParseContext): string | undefined {
  return context.relative(written) ?? context.relative(written.replace(/^\/+/, ''));
}

function toFinding(item: Check, context: ParseContext, suffix: string): ParsedFinding {
  const { check_id: id, check_name: name, resource, guideline } = item;
  const level = typeof item.severity === 'object' ? item.severity?.name : item.severity;
  const known = level?.toLowerCase() ?? id.toLowerCase();
  const text = `${name || id}${resource ? ` (${resource})` : ''}${suffix}`;
  const path = item.file_path ? pathOf(item.file_path, context) : undefined;
  const [startLine, endLine] = item.file_line_range ?? [];
  return {
    kind: 'misconfiguration',
    rule: { id, ...(name ? { name: oneLine(name) } : {}), ...(guideline ? { url: guideline } : {}) },
    message: oneLine(text),
    severity: (Object.hasOwn(severities, known) ? severities[known] : undefined) ?? 'medium',
    ...(level ? { toolLevel: level } : {}),
    ...locationOf(path, { startLine, endLine }),
  };
}

/** Members of a check that quote the scanned file, or name the machine's folders. */
const QUOTES = new Set([
  'code_block',
  'caller_file_path',
  'caller_file_line_range',
  'check_result',
  'definition_context_file_path',
  'entity_tags',
  'evaluations',
  'file_abs_path',
  'fixed_definition',
  'repo_file_path',
]);

/** Without source snippets, evaluated values and absolute paths. */
function sanitizeCheckov(text: string): string {
  return rewriteJson(text, (json) => {
    // Frameworks run side by side and end in any order.
    if (Array.isArray(json)) json.sort((a, b) => byCodeUnit(typeOf(a), typeOf(b)));
    return JSON.parse(JSON.stringify(json), (key, value: unknown) => {
      if (QUOTES.has(key)) return undefined;
      // Its checks, too, run in an order that changes from run to run.
      return key.endsWith('_checks') && Array.isArray(value) ? inOneOrder(value) : value;
    });
  });
}

function typeOf(value: unknown): string {
  const type = typeof value === 'object' && value !== null && 'check_type' in value ? value.check_type : '';
  return String(type);
}

/** Every file once, in one order: workers write the list together. */
function sortedLines(text: string): string {
  const lines = [...new Set(text.split('\n'))].filter((line) => line !== '').sort(byCodeUnit);
  return lines.map((line) => `${line}\n`).join('');
}

const none = z.literal(0);

/** Version 2.1 spelled the summary of nothing without underscores. */
const oldSummary = z.object({
  passed: none,
  failed: none,
  skipped: none,
  parsingerrors: none,
  resourcecount: none,
  checkov_version: z.string(),
});

const variants: readonly ReportVariant[] = [
  jsonVariant('the summary of version 2.1', oldSummary, () => ({ findings: [] })),
  sarifVariant(['Checkov'], 'misconfiguration'),
];

export const report: StageReport<Options> = {
  variants,
  parse: (raw, context) => readCheckov(raw.report, raw.files, context),
  cannotRead: () => unreadBy,
  sanitize: (output, text) => (output === 'report' ? sanitizeCheckov(text) : sortedLines(text)),
};
