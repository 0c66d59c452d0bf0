import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import type { ParseOutcome, ReportVariant, StageReport } from '../contract/report.ts';
import { severityOfScore, severityOfVector } from '../formats/cvss.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { oneLine } from '../formats/one-line.ts';
import { rewriteJson } from '../formats/sanitize.ts';
import { jsonVariant } from '../formats/variants.ts';
import type { Options } from './stage.ts';

const alias = z.object({
  cveId: z.string().nullish(),
  ghsaId: z.string().nullish(),
  osvId: z.string().nullish(),
});

/** Dependency-Track's File Packaging Format of findings, versions 1.0 to 1.3. */
const packaged = z.object({
  version: z.string(),
  meta: z.object({ application: z.string() }),
  project: z.object({ uuid: z.string(), name: z.string() }),
  findings: z
    .array(
      z.object({
        component: z.object({
          name: z.string(),
          group: z.string().nullish(),
          version: z.string().nullish(),
          purl: z.string().nullish(),
        }),
        vulnerability: z.object({
          vulnId: z.string(),
          source: z.string().nullish(),
          title: z.string().nullish(),
          severity: z.string().nullish(),
          cvssV2BaseScore: z.number().nullish(),
          cvssV3BaseScore: z.number().nullish(),
          cvssV4Vector: z.string().nullish(),
          cweId: z.number().nullish(),
          cwes: z.array(z.object({ cweId: z.number() })).nullish(),
          aliases: z.array(alias).nullish(),
        }),
        analysis: z.object({ isSuppressed: z.boolean().nullish() }).nullish(),
      }),
    )
    .nullable(),
});

type Packaged = z.infer<typeof packaged>;

type Entry = NonNullable<Packaged['findings']>[number];

/** What src/stages/dependency-track/assets/submit.py writes. */
const reportSchema = z.object({
  schema: z.literal('https://secplan.dev/schema/dependency-track/v1'),
  components: z.number().int().nonnegative(),
  export: packaged,
});

/** The server's findings of a project; the number of components that it knows of is the proof that it looked. */
export function readExport(text: string | undefined): ParseOutcome {
  const read = readJsonReport('report', text, reportSchema);
  if (!read.ok) return read;
  return {
    ok: true,
    findings: findingsOf(read.value.export),
    notes: [],
    examined: {
      count: read.value.components,
      unit: 'packages',
      evidence: 'components of the project on the server',
    },
  };
}

/** Findings that someone suppressed on the server are left out, as `notChecked` says. */
function findingsOf({ findings }: Packaged): ParsedFinding[] {
  return (findings ?? []).filter(({ analysis }) => analysis?.isSuppressed !== true).map(toFinding);
}

function toFinding({ component, vulnerability }: Entry): ParsedFinding {
  const { name, group, version, purl } = component;
  const { vulnId, title, severity, aliases, cweId, cwes } = vulnerability;
  const ids = [vulnId, ...(aliases ?? []).flatMap(({ cveId, ghsaId, osvId }) => [cveId, ghsaId, osvId])];
  const weaknesses = [...(cwes ?? []).map((one) => one.cweId), ...(cweId ? [cweId] : [])];
  const cwe = [...new Set(weaknesses.map((id) => `CWE-${id}`))].sort();
  const rated = ratingOf(vulnerability);
  const label = `${group ? `${group}:` : ''}${name}${version ? ` ${version}` : ''}`;
  return {
    kind: 'vulnerability',
    rule: { id: vulnId, ...(title ? { name: oneLine(title) } : {}), ...(cwe.length > 0 ? { cwe } : {}) },
    message: oneLine(`${label}: ${title || vulnId}`).slice(0, 1000),
    ...(severity ? { toolLevel: severity } : {}),
    ...(rated === undefined ? {} : { severity: rated }),
    package: {
      name: group ? `${group}:${name}` : name,
      ...(version ? { version } : {}),
      ...(purl ? { purl } : {}),
    },
    advisories: [...new Set(ids.flatMap((id) => (id ? [id] : [])))].sort(),
  };
}

/** The server's own word, where it has one; else what the newest score says. */
function ratingOf({ severity, cvssV4Vector, cvssV3BaseScore, cvssV2BaseScore }: Entry['vulnerability']) {
  if (severity && severity.toUpperCase() !== 'UNASSIGNED') return undefined;
  if (cvssV4Vector) return severityOfVector(cvssV4Vector);
  if (typeof cvssV3BaseScore === 'number') return severityOfScore(cvssV3BaseScore, 3);
  return typeof cvssV2BaseScore === 'number' ? severityOfScore(cvssV2BaseScore, 2) : undefined;
}

/** The server's own export, as its pages and its interface give it. */
const variants: readonly ReportVariant[] = [
  jsonVariant('File Packaging Format', packaged, (report) => ({ findings: findingsOf(report) })),
];

const TIMES: ReadonlySet<string> = new Set([
  'timestamp',
  'attributedOn',
  'lastBomImport',
  'lastBomImportFormat',
]);

export const report: StageReport<Options> = {
  variants,
  parse: (raw) => readExport(raw.report),
  // When things happened on the server says nothing of the findings.
  sanitize: (_, text) => rewriteJson(text, withoutTimes),
};

function withoutTimes(report: unknown): unknown {
  return JSON.parse(JSON.stringify(report, (name, value) => (TIMES.has(name) ? undefined : value)));
}
