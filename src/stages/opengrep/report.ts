import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { Severity } from '../../core/severity.ts';
import type { UnexaminedFile } from '../../core/unexamined.ts';
import type { ContentTest, Note, ReportVariant, StageReport } from '../contract/report.ts';
import { anyOf, inUtf16, inUtf32, notInUtf8, withLoneReturns, withNul } from '../formats/content.ts';
import { gitlabVariant } from '../formats/gitlab-report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { mapList, omit, rewriteJson } from '../formats/sanitize.ts';
import { jsonVariant, sarifVariant } from '../formats/variants.ts';
import type { Options } from './stage.ts';

const place = z.object({ line: z.number().int(), col: z.number().int() });

const match = z.object({
  check_id: z.string().min(1),
  path: z.string(),
  start: place,
  end: place,
  extra: z.object({
    message: z.string().default(''),
    severity: z.string().default('WARNING'),
    metadata: z.record(z.string(), z.unknown()).default({}),
  }),
});

type Match = z.infer<typeof match>;

const problem = z.object({
  /** A word, or a word with its data. */
  type: z.union([z.string(), z.array(z.unknown())]),
  level: z.string().default('error'),
  path: z.string().nullish(),
  message: z.string().nullish(),
});

type Problem = z.infer<typeof problem>;

/** The JSON report of Opengrep and Semgrep, as far as it is read. */
const grepReport = z.object({
  version: z.string().optional(),
  results: z.array(match),
  errors: z.array(problem),
  paths: z.object({ scanned: z.array(z.string()) }),
});

type GrepReport = z.infer<typeof grepReport>;

/** The pack's own words for severity; absent for rules of others, which have levels. */
const SEVERITIES: ReadonlySet<unknown> = new Set<Severity>(['critical', 'high', 'medium', 'low', 'info']);

function toFinding(item: Match, relative: (path: string) => string | undefined): ParsedFinding {
  const { metadata, message, severity: level } = item.extra;
  const own = metadata['secplan-severity'];
  const cwe = cweOf(metadata.cwe);
  const url = [metadata.references].flat().find((value) => typeof value === 'string');
  const path = relative(item.path);
  return {
    kind: kindOf(item),
    rule: {
      id: item.check_id,
      ...(url === undefined ? {} : { url }),
      ...(cwe.length > 0 ? { cwe } : {}),
    },
    message: oneLine(message === '' ? item.check_id : message),
    ...(SEVERITIES.has(own) ? { severity: own as Severity } : {}),
    toolLevel: level,
    ...locationOf(path, {
      startLine: item.start.line,
      startColumn: item.start.col,
      endLine: item.end.line,
      endColumn: item.end.col,
    }),
  };
}

/** Rules for Dockerfiles and YAML are about how something is set up. */
function kindOf({ check_id: id }: Match): ParsedFinding['kind'] {
  return /^secplan\.(?:dockerfile|yaml)\./.test(id) ? 'misconfiguration' : 'code';
}

function cweOf(value: unknown): string[] {
  const found = [value]
    .flat()
    .map((item) => (typeof item === 'string' ? /^CWE-0*([1-9]\d{0,5})/i.exec(item)?.[1] : undefined))
    .filter((item) => item !== undefined);
  return [...new Set(found)].map((id) => `CWE-${id}`).sort();
}

type Relative = (path: string) => string | undefined;

/** What it could not parse in part, and its own trouble. The engine's message may quote the code: only its line is taken. */
function toNotes(report: GrepReport, relative: Relative): Note[] {
  return report.errors
    .filter((error) => isPartial(error) || pathOf(error, relative) === undefined)
    .slice(0, 1000)
    .map((error) => {
      const path = pathOf(error, relative);
      const what = path === undefined ? 'a problem of the engine' : 'checked in part';
      return { message: `${what}: ${reasonOf(error)}`, ...(path === undefined ? {} : { path }) };
    });
}

/** Files that no rule was tried on. */
function uncheckedFiles(report: GrepReport, relative: Relative): UnexaminedFile[] {
  return report.errors.flatMap((error) => {
    const path = pathOf(error, relative);
    if (path === undefined || isPartial(error)) return [];
    return [{ path, why: { kind: 'not-understood', detail: reasonOf(error) } }];
  });
}

/** An error of no file is one of its rules or of itself: what they would have found is not known. */
function ofTheEngine({ errors }: Pick<GrepReport, 'errors'>): string | undefined {
  const found = errors.find(({ level, path }) => level === 'error' && !path);
  return found === undefined ? undefined : oneLine(`it reports an error of no file: ${typeOf(found)}`);
}

/** It knows the language of a script without an ending by its first line, and only where the file is executable. */
function unknownScripts(read: readonly string[], given: readonly string[]): UnexaminedFile[] {
  const known = new Set(read);
  const detail = 'the engine reads a script without an ending only where it is executable';
  return given
    .filter((path) => !known.has(path) && !/(?:[^/]\.[^/]*|dockerfile)$/i.test(path))
    .map((path) => ({ path, why: { kind: 'passed-over', detail } }));
}

/** Files that rules were tried on, without those that were not parsed at all. */
function checkedFiles(report: GrepReport, relative: Relative): string[] {
  const failed = new Set(report.errors.filter((error) => !isPartial(error)).map((error) => error.path));
  const read = new Set(report.paths.scanned.filter((path) => !failed.has(path)));
  return [...read].flatMap((path) => relative(path) ?? []);
}

function pathOf({ path }: Problem, relative: Relative): string | undefined {
  return path ? relative(path) : undefined;
}

function reasonOf(error: Problem): string {
  const line = /:(\d{1,9})\b/.exec(error.message ?? '')?.[1];
  return `${oneLine(typeOf(error))}${line === undefined ? '' : `, line ${line}`}`;
}

function typeOf(error: Problem): string {
  const [type] = [error.type].flat();
  return typeof type === 'string' ? type : 'unknown';
}

function isPartial(error: Problem): boolean {
  return typeOf(error) === 'PartialParsing';
}

/** It lists such files as scanned; its grammar for Dockerfiles stops at the first such byte and says nothing. */
function unreadBy(path: string): ContentTest {
  const dockerfile = /dockerfile$/i.test(path);
  return dockerfile ? anyOf(inUtf16, inUtf32, notInUtf8, withNul, withLoneReturns) : anyOf(inUtf16, inUtf32);
}

/** Without source code (matched lines, variables, traces, the engine's messages) and without times. */
function sanitizeReport(text: string): string {
  return rewriteJson(text, (report) => {
    const results = mapList(report, 'results', (item) =>
      isRecord(item)
        ? {
            ...item,
            extra: omit(item.extra, [
              'lines',
              'metavars',
              'fingerprint',
              'dataflow_trace',
              'fix',
              'rendered_fix',
            ]),
          }
        : item,
    );
    const errors = mapList(results, 'errors', (error) =>
      isRecord(error)
        ? {
            ...(omit(error, ['message', 'spans', 'long_msg', 'short_msg', 'help']) as object),
            ...(typeof error.message === 'string' ? { message: lineOnly(error.message) } : {}),
          }
        : error,
    );
    return omit(errors, ['time', 'profiling_results']);
  });
}

function lineOnly(message: string): string {
  const line = /:(\d{1,9})\b/.exec(message)?.[1];
  return line === undefined ? '' : `line:${line}`;
}

/** Versions that did not list the files which they scanned. */
const withoutPaths = grepReport
  .omit({ paths: true })
  .refine((report) => ofTheEngine(report) === undefined, 'an error of no file');

const dependency = z.object({ name: z.string(), versionSpecifier: z.string() });

const supplyChain = z.object({
  vulns: z.array(
    z.object({
      title: z.string(),
      advisory: z.object({
        ruleId: z.string(),
        severity: z.string(),
        references: z.object({
          cveIds: z.array(z.string()).nullish(),
          cweIds: z.array(z.string()).nullish(),
          urls: z.array(z.string()).nullish(),
        }),
      }),
      matchedDependency: dependency,
      closestSafeDependency: dependency.nullish(),
      dependencyFileLocation: z.object({ path: z.string(), startLine: z.string() }).nullish(),
    }),
  ),
});

const variants: readonly ReportVariant[] = [
  gitlabVariant('code'),
  jsonVariant('JSON without paths', withoutPaths, (report, { relative }) => ({
    findings: report.results.map((item) => toFinding(item, relative)),
    notes: toNotes({ ...report, paths: { scanned: [] } }, relative),
  })),
  sarifVariant(['Semgrep', 'Semgrep OSS', 'Opengrep OSS', 'Opengrep', 'Semgrep PRO'], 'code'),
  jsonVariant("the supply-chain export of Semgrep's platform", supplyChain, ({ vulns }, { relative }) => ({
    findings: vulns.map(({ title, advisory, matchedDependency, ...item }) => {
      const { ruleId, severity, references } = advisory;
      const cwe = (references.cweIds ?? []).flatMap((text) => /^CWE-[1-9]\d{0,5}/.exec(text)?.[0] ?? []);
      const [url] = references.urls ?? [];
      const at = item.dependencyFileLocation;
      const path = at ? relative(at.path) : undefined;
      const line = Number(at?.startLine);
      const { name, versionSpecifier: version } = matchedDependency;
      const fixedVersion = item.closestSafeDependency?.versionSpecifier;
      return {
        kind: 'vulnerability',
        rule: {
          id: ruleId,
          ...(url ? { url } : {}),
          ...(cwe.length > 0 ? { cwe: [...new Set(cwe)].sort() } : {}),
        },
        message: oneLine(`${name} ${version}: ${title}`),
        toolLevel: severity,
        ...locationOf(path, { startLine: line }),
        package: { name, version, ...(fixedVersion ? { fixedVersion } : {}) },
        advisories: [...new Set(references.cveIds ?? [])].sort(),
      };
    }),
  })),
];

export const report: StageReport<Options> = {
  variants,
  parse: (raw, context) => {
    const report = readJsonReport('report', raw.report, grepReport);
    if (!report.ok) return report;
    const failed = ofTheEngine(report.value);
    if (failed !== undefined) return { ok: false, failure: { reason: 'error-text', text: failed } };
    const files = checkedFiles(report.value, context.relative);
    return {
      ok: true,
      findings: report.value.results.map((item) => toFinding(item, context.relative)),
      notes: toNotes(report.value, context.relative),
      unexamined: [
        ...uncheckedFiles(report.value, context.relative),
        ...unknownScripts(files, context.given),
      ],
      examined: {
        count: files.length,
        unit: 'files',
        evidence: '`paths.scanned` in the report, without files that were not parsed',
        files,
      },
    };
  },
  cannotRead: () => unreadBy,
  sanitize: (_, text) => sanitizeReport(text),
};
