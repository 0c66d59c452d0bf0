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
import { readYamlReport } from '../formats/yaml-report.ts';
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

type Result = z.infer<typeof reportSchema>;

/** What its reporter EvaluatedModel writes: packages and licences by number. */
const evaluated = z.object({
  packages: z.array(
    z.object({ _id: z.number(), id: z.string(), definition_file_path: z.string().nullish() }),
  ),
  rule_violations: z.array(
    violation.extend({
      pkg: z.number().nullish(),
      license: z.unknown().optional(),
      resolutions: z.array(z.unknown()).nullish(),
    }),
  ),
  vulnerabilities: z.array(vulnerability.extend({ pkg: z.number() })),
});

/** ORT's result after the evaluator: projects and packages that it knows, violations of rules, advisories if asked for. */
function readOrt(text: string | undefined, context: ParseContext): ParseOutcome {
  const read = readJsonReport('report', text, reportSchema);
  if (!read.ok) return read;
  return outcomeOf(read.value, context);
}

function outcomeOf({ analyzer, advisor, evaluator }: Result, context: ParseContext): ParseOutcome {
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
  context: Pick<ParseContext, 'relative'>,
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
  jsonVariant('the evaluated model', evaluated, readEvaluated),
  yaml('its result in YAML', reportSchema, 'analyzer', outcomeOf),
  yaml('the evaluated model in YAML', evaluated, 'rule_violations', (model, context) => ({
    ok: true,
    ...readEvaluated(model, context),
    examined: { count: model.packages.length, unit: 'packages', evidence: 'a report from elsewhere' },
  })),
];

function yaml<T>(
  name: string,
  schema: z.ZodType<T>,
  key: string,
  outcome: (value: T, context: ParseContext) => ParseOutcome,
): ReportVariant {
  return {
    name,
    parse: (text, context) => {
      const read = readYamlReport('report', text.replace(/^---\s*\n/, ''), schema, key);
      return read.ok ? outcome(read.value, context) : read;
    },
  };
}

/** Resolved violations are listed with the others: ORT's resolutions say why, and secplan's policy decides. */
function readEvaluated(model: z.infer<typeof evaluated>, context: ParseContext) {
  const ids = new Map(model.packages.map(({ _id, id }) => [_id, id]));
  const files = new Map(model.packages.map(({ id, definition_file_path: path }) => [id, path]));
  const nameOf = (pkg: number): string => ids.get(pkg) ?? `package ${pkg}`;
  const resolved = model.rule_violations.filter(({ resolutions }) => (resolutions?.length ?? 0) > 0).length;
  return {
    findings: [
      ...model.rule_violations.map(({ pkg, license: _license, ...item }) =>
        ofViolation({ ...item, pkg: typeof pkg === 'number' ? nameOf(pkg) : undefined }, files, context),
      ),
      ...model.vulnerabilities.map(({ pkg, ...item }) => ofAdvisory(nameOf(pkg), item)),
    ],
    notes:
      resolved === 0 ? [] : [{ message: `${resolved} violations have a resolution in ORT's configuration` }],
  };
}

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
