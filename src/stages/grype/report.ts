import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { ParseContext, ParseOutcome, ReportVariant, StageReport } from '../contract/report.ts';
import { severityOfScore, severityOfVector } from '../formats/cvss.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { inOneOrder, mapList, omit, rewriteJson } from '../formats/sanitize.ts';
import { jsonVariant } from '../formats/variants.ts';
import { sarif } from './sarif.ts';
import type { Options } from './stage.ts';

const text = z.string().nullish();

const cvss = z.object({
  version: text,
  vector: text,
  metrics: z.object({ baseScore: z.number().nullish() }).nullish(),
});

const vulnerability = z.object({
  id: z.string().min(1),
  dataSource: text,
  severity: text,
  description: text,
  cvss: z.array(cvss).nullish(),
  cwes: z.array(z.object({ cwe: text })).nullish(),
  fix: z.object({ versions: z.array(z.string()).nullish(), state: text }).nullish(),
});

const match = z.object({
  vulnerability,
  relatedVulnerabilities: z.array(vulnerability).nullish(),
  artifact: z.object({
    name: z.string().min(1),
    version: text,
    purl: text,
    locations: z.array(z.object({ path: text })).nullish(),
  }),
});

const reportSchema = z.object({
  matches: z.array(match),
  descriptor: z.object({ name: z.literal('grype'), version: z.string() }),
  source: z.unknown().optional(),
});

type Match = z.infer<typeof match>;

type Vulnerability = z.infer<typeof vulnerability>;

/** Grype's JSON: one finding a match. How many packages it matched stands in its log alone. */
function readGrype(raw: string | undefined, context: ParseContext): ParseOutcome {
  const read = readJsonReport('report', raw, reportSchema);
  if (!read.ok) return read;
  const packages = /\bgathered packages\b.*\bpackages=(\d{1,9})\b/.exec(context.log.stderr)?.[1];
  return {
    ok: true,
    findings: read.value.matches.map((item) => toFinding(item, context)),
    notes: [],
    examined: {
      count: Number(packages ?? 0),
      unit: 'packages',
      evidence: '"gathered packages" in the log',
    },
  };
}

/** Its JSON before it named itself, and that of a run elsewhere. */
const json: ReportVariant = jsonVariant(
  'the JSON of other versions',
  reportSchema.extend({ descriptor: z.object({ name: z.literal('grype').nullish() }) }),
  ({ matches }, context) => ({ findings: matches.map((item) => toFinding(item, context)) }),
);

export const report: StageReport<Options> = {
  variants: [json, sarif],
  parse: (raw, context) => readGrype(raw.report, context),
  sanitize: (_, text) => sanitizeGrype(text),
};

function toFinding(item: Match, context: Pick<ParseContext, 'relative'>): ParsedFinding {
  const { vulnerability: main, artifact } = item;
  const related = item.relatedVulnerabilities ?? [];
  const version = artifact.version || undefined;
  const said = [main, ...related].map(({ description }) => description).find((each) => each) ?? main.id;
  const cwe = cwesOf([main, ...related]);
  const severity = severityOf([main, ...related]);
  const path = artifact.locations?.map((at) => relativeOf(at.path, context)).find((at) => at !== undefined);
  const fixed = main.fix?.versions ?? [];
  const [only] = fixed.length === 1 ? fixed : [];
  return {
    kind: 'vulnerability',
    rule: {
      id: main.id,
      ...(main.dataSource && /^https?:/.test(main.dataSource) ? { url: main.dataSource } : {}),
      ...(cwe.length > 0 ? { cwe } : {}),
    },
    message: oneLine(`${version ? `${artifact.name} ${version}` : artifact.name}: ${said}`),
    ...(severity === undefined ? {} : { severity }),
    toolLevel: main.severity || 'Unknown',
    ...locationOf(path),
    package: {
      name: artifact.name,
      ...(version === undefined ? {} : { version }),
      ...(artifact.purl ? { purl: artifact.purl } : {}),
      ...(only === undefined ? {} : { fixedVersion: only }),
    },
    advisories: [...new Set([main.id, ...related.map(({ id }) => id)])].sort(),
  };
}

/** A path below the scanned folder begins with a slash. */
function relativeOf(path: string | null | undefined, context: Pick<ParseContext, 'relative'>) {
  return path ? (context.relative(path) ?? context.relative(path.replace(/^\/+/, ''))) : undefined;
}

/** Grype's own word is kept as the level; a score is asked only where that word says nothing. */
function severityOf([main, ...related]: readonly Vulnerability[]) {
  if (main?.severity && main.severity.toLowerCase() !== 'unknown') return undefined;
  for (const { cvss: scores } of [...(main === undefined ? [] : [main]), ...related]) {
    for (const { version, vector, metrics } of scores ?? []) {
      const major = version?.startsWith('2') ? 2 : version?.startsWith('4') ? 4 : 3;
      const found =
        severityOfVector(vector ?? '') ?? severityOfScore(metrics?.baseScore ?? Number.NaN, major);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function cwesOf(items: readonly Vulnerability[]): string[] {
  const ids = items.flatMap(({ cwes }) => cwes ?? []).map(({ cwe }) => cwe ?? '');
  return [...new Set(ids.filter((id) => /^CWE-\d{1,6}$/.test(id)))].sort();
}

/** Without the run's settings and time, the place of the database, and long texts, in one order. */
function sanitizeGrype(raw: string): string {
  return rewriteJson(raw, (whole) => {
    const trimmed = mapList(whole, 'matches', (item) =>
      isRecord(item) ? omit({ ...item, vulnerability: bare(item.vulnerability) }, ['matchDetails']) : item,
    );
    if (!isRecord(trimmed)) return trimmed;
    const matches = Array.isArray(trimmed.matches) ? { matches: inOneOrder(trimmed.matches) } : {};
    const source = isRecord(trimmed.source) ? { source: omit(trimmed.source, ['target']) } : {};
    const descriptor = omit(trimmed.descriptor, ['configuration', 'timestamp', 'db']);
    return { ...trimmed, ...source, ...matches, descriptor };
  });
}

function bare(value: unknown): unknown {
  return omit(value, ['urls', 'epss', 'risk']);
}
