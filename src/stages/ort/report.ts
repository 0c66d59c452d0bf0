import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import { type Severity, severityOfCvss } from '../../core/severity.ts';
import type { Note, ParseContext, ParseOutcome, ReportVariant, StageReport } from '../contract/report.ts';
import { cyclonedxBom, readCyclonedxBom } from '../formats/cyclonedx-report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { rewriteJson } from '../formats/sanitize.ts';
import { jsonVariant } from '../formats/variants.ts';
import type { Options } from './stage.ts';

const issue = z.object({ severity: z.string(), source: z.string(), message: z.string() });

const violation = z.object({
  rule: z.string().min(1),
  /** `Type:namespace:name:version`. */
  pkg: z.string().nullish(),
  license: z.string().nullish(),
  severity: z.string(),
  message: z.string(),
});

const vulnerability = z.object({
  id: z.string().min(1),
  summary: z.string().nullish(),
  references: z
    .array(
      z.object({
        url: z.string().nullish(),
        severity: z.string().nullish(),
        score: z.number().nullish(),
      }),
    )
    .nullish(),
});

const reportSchema = z.object({
  analyzer: z.object({
    result: z.object({
      projects: z.array(z.object({ id: z.string(), definition_file_path: z.string().nullish() })),
      packages: z.array(z.unknown()),
      issues: z.record(z.string(), z.array(issue)).nullish(),
    }),
  }),
  advisor: z
    .object({
      results: z.record(z.string(), z.array(z.object({ vulnerabilities: z.array(vulnerability) }))),
    })
    .nullable(),
  evaluator: z.object({ violations: z.array(violation) }),
});

/** ORT's result after the evaluator: projects and packages that it knows, violations of rules, advisories if asked for. */
function readOrt(text: string | undefined, context: ParseContext): ParseOutcome {
  const read = readJsonReport('report', text, reportSchema);
  if (!read.ok) return read;
  const { analyzer, advisor, evaluator } = read.value;
  const { projects, packages, issues } = analyzer.result;
  const notes: Note[] = Object.entries(issues ?? {})
    .flatMap(([id, list]) =>
      list.map((item) => ({ message: oneLine(`not checked: ${id}: ${item.source} failed`) })),
    )
    .slice(0, 1000);
  const files = new Map(projects.map(({ id, definition_file_path: path }) => [id, path]));
  const found = Object.entries(advisor?.results ?? {}).flatMap(([id, results]) =>
    results.flatMap(({ vulnerabilities }) => vulnerabilities.map((item) => ofAdvisory(id, item))),
  );
  return {
    ok: true,
    findings: [...evaluator.violations.map((item) => ofViolation(item, files, context)), ...found],
    notes,
    examined: {
      count: projects.length + packages.length,
      unit: 'packages',
      evidence: "projects and packages of the analyzer's result",
    },
  };
}

function ofViolation(
  item: z.infer<typeof violation>,
  files: ReadonlyMap<string, string | null | undefined>,
  context: ParseContext,
): ParsedFinding {
  const file = item.pkg ? files.get(item.pkg) : undefined;
  const path = file ? context.relative(file) : undefined;
  return {
    kind: 'license',
    rule: { id: item.rule },
    message: oneLine(item.message),
    toolLevel: item.severity,
    ...locationOf(path),
    ...(item.pkg ? { package: packageOf(item.pkg) } : {}),
  };
}

function ofAdvisory(id: string, item: z.infer<typeof vulnerability>): ParsedFinding {
  const references = item.references ?? [];
  const scores = references.flatMap(({ score }) => (typeof score === 'number' ? [score] : []));
  const word = references.map(({ severity }) => severity).find((text) => text);
  const url = references.map((one) => one.url).find((text) => text);
  const severity: Severity | undefined = scores.length > 0 ? severityOfCvss(Math.max(...scores)) : undefined;
  const affected = packageOf(id);
  return {
    kind: 'vulnerability',
    rule: { id: item.id, ...(url ? { url } : {}) },
    message: oneLine(`${affected.name} ${affected.version ?? ''}: ${item.summary || item.id}`),
    ...(severity === undefined ? {} : { severity }),
    ...(word ? { toolLevel: word } : {}),
    package: affected,
    advisories: [item.id],
  };
}

function packageOf(id: string): { readonly name: string; readonly version?: string } {
  const [, namespace = '', name = id, version = ''] = id.split(':');
  return { name: namespace === '' ? name : `${namespace}/${name}`, ...(version === '' ? {} : { version }) };
}

/** The bill of materials that its reporter writes holds the advisories, if the advisor was asked. */
const variants: readonly ReportVariant[] = [
  jsonVariant("the CycloneDX of ORT's reporter", cyclonedxBom, (bom) => {
    const { findings, components } = readCyclonedxBom(bom);
    return { findings, notes: [{ message: `a list of ${components} components` }] };
  }),
];

export const report: StageReport<Options> = {
  variants,
  parse: (raw, context) => readOrt(raw.report, context),
  sanitize: (_, text) => sanitizeOrt(text),
};

/** Without facts about the machine and the time, and without the words of package managers. */
function sanitizeOrt(text: string): string {
  return rewriteJson(text, (json) => {
    const parsed = reportSchema.safeParse(json);
    if (!parsed.success) return isRecord(json) ? { refused: Object.keys(json).length } : json;
    const { analyzer, advisor, evaluator } = parsed.data;
    const { projects, packages, issues } = analyzer.result;
    const quiet = Object.fromEntries(
      Object.entries(issues ?? {}).map(([id, list]) => [id, list.map((item) => ({ ...item, message: '' }))]),
    );
    return { analyzer: { result: { projects, packages, issues: quiet } }, advisor, evaluator };
  });
}
