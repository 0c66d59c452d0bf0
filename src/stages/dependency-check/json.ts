import * as z from 'zod';
import type { AffectedPackage, ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { Severity } from '../../core/severity.ts';
import type { Note, ParseContext, ParseOutcome, ReportVariant } from '../contract/report.ts';
import { severityOfScore } from '../formats/cvss.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { withKnownLists } from '../formats/known-lists.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { readPurl } from '../formats/read-purl.ts';
import { inOneOrder, mapList, omit, rewriteJson } from '../formats/sanitize.ts';
import { jsonVariant } from '../formats/variants.ts';

const text = z.string().nullish();
const score = z.union([z.number(), z.string()]).nullish();
/** What is read of one vulnerability, in the JSON and in the XML alike. */
export const vulnerability = z.object({
  source: text,
  name: z.string().min(1),
  severity: text,
  cvssv2: z.object({ score }).nullish(),
  cvssv3: z.object({ baseScore: score }).nullish(),
  cvssv4: z.object({ baseScore: score }).nullish(),
  cwes: z.array(z.string()).nullish(),
  description: text,
});
const dependency = withKnownLists(
  {
    fileName: text,
    filePath: z.string(),
    packages: z.array(z.object({ id: text })).nullish(),
    /** Left out where there is none. */
    vulnerabilities: z.array(vulnerability).nullish(),
  },
  [
    'identifiers',
    'includedBy',
    'projectReferences',
    'relatedDependencies',
    'suppressedVulnerabilities',
    'suppressedVulnerabilityIds',
    'vulnerabilityIds',
  ],
);
const report = z.object({
  reportSchema: z.string(),
  scanInfo: z.object({
    engineVersion: z.string(),
    analysisExceptions: z.array(z.object({ exception: z.object({ message: text }).nullish() })).nullish(),
  }),
  dependencies: z.array(dependency),
});

export type Vulnerability = z.infer<typeof vulnerability>;
type Report = z.infer<typeof report>;

/** Dependency-Check's JSON: one finding for each vulnerability of a dependency. */
export function readDependencyCheck(raw: string | undefined, context: ParseContext): ParseOutcome {
  const read = readJsonReport('report', raw, report);
  if (!read.ok) return read;
  return {
    ok: true,
    ...contentOf(read.value, context),
    examined: {
      count: read.value.dependencies.length,
      unit: 'packages',
      evidence: 'dependencies[] in the report',
    },
  };
}

/** The same report where it names no engine. */
export const earlier: ReportVariant = jsonVariant(
  'the JSON of other versions',
  report.extend({ scanInfo: report.shape.scanInfo.partial() }),
  (value, context) => contentOf(value, context),
);

type Read = Pick<Report, 'dependencies'> & {
  readonly scanInfo: Pick<Report['scanInfo'], 'analysisExceptions'>;
};

function contentOf({ dependencies, scanInfo }: Read, context: Pick<ParseContext, 'relative'>) {
  const findings = dependencies.flatMap(({ packages, vulnerabilities, fileName, filePath }) =>
    (vulnerabilities ?? []).map((found) =>
      toFinding(found, packageOf(packages?.[0]?.id ?? undefined, fileName || filePath), filePath, context),
    ),
  );
  const notes: Note[] = (scanInfo.analysisExceptions ?? []).map(({ exception }) => ({
    message: oneLine(`not analysed: ${exception?.message || 'no reason given'}`),
  }));
  return { findings, notes };
}

/** One vulnerability of a dependency at `filePath`, which may name a member of an archive or a line of a lock file. */
export function toFinding(
  found: Vulnerability,
  at: AffectedPackage,
  filePath: string,
  context: Pick<ParseContext, 'relative'>,
): ParsedFinding {
  const cwe = [
    ...new Set((found.cwes ?? []).flatMap((item) => /^CWE-\d{1,6}\b/.exec(item)?.[0] ?? [])),
  ].sort();
  const severity = severityOf(found);
  const path = pathOf(filePath, context);
  return {
    kind: 'vulnerability',
    rule: { id: found.name, ...urlOf(found.name), ...(cwe.length > 0 ? { cwe } : {}) },
    message: oneLine(
      `${at.version ? `${at.name} ${at.version}` : at.name}: ${found.description || found.name}`,
    ),
    ...(severity === undefined ? {} : { severity }),
    toolLevel: found.severity || 'Unknown',
    ...locationOf(path),
    package: at,
    advisories: [found.name],
  };
}

/** Its own word is the level; a score is asked only where that word says nothing. The newest version of CVSS first. */
function severityOf({ severity, cvssv2, cvssv3, cvssv4 }: Vulnerability): Severity | undefined {
  const word = /^[\d.]+$/.test(severity ?? '') ? '' : severity;
  if (word && !/^(?:unknown|unscored)$/i.test(word)) return undefined;
  const scores = [
    // An advisory without a score of CVSS has a number of its source here.
    [severity, 3],
    [cvssv4?.baseScore, 4],
    [cvssv3?.baseScore, 3],
    [cvssv2?.score, 2],
  ] as const;
  for (const [given, version] of scores) {
    const found = severityOfScore(Number.parseFloat(String(given ?? '')), version);
    if (found !== undefined) return found;
  }
  return undefined;
}

function urlOf(name: string): { readonly url?: string } {
  if (/^CVE-\d{4}-\d{4,19}$/.test(name)) return { url: `https://nvd.nist.gov/vuln/detail/${name}` };
  return /^GHSA(?:-[0-9a-z]{4}){3}$/.test(name) ? { url: `https://github.com/advisories/${name}` } : {};
}

/** `pkg:maven/group/name@1.0`; older reports have `group:name:1.0`. Without either the file's name has to do. */
export function packageOf(id: string | undefined, fileName: string): AffectedPackage {
  const purl = readPurl(id ?? '');
  if (purl !== undefined && id !== undefined) {
    const { name, version } = purl;
    return { name, ...(version === undefined ? {} : { version }), purl: id };
  }
  const parts = id?.split(':') ?? [];
  if (parts.length === 3)
    return { name: `${parts[0]}:${parts[1]}`, ...(parts[2] ? { version: parts[2] } : {}) };
  return { name: oneLine(fileName) };
}

function pathOf(filePath: string, context: Pick<ParseContext, 'relative'>): string | undefined {
  // `a.war: WEB-INF/lib/b.jar`, `package-lock.json?/left:1.0`, `requirements.txt:Django/1.0`
  const file = /^(?:[A-Za-z]:)?[^:?]*/.exec(filePath)?.[0] ?? filePath;
  return context.relative(file);
}

/** Without the evidence that it collected (which quotes files), hashes, times and stack traces, in one order. */
export function sanitizeDependencyCheck(raw: string): string {
  return rewriteJson(raw, (whole) => {
    const trimmed = mapList(whole, 'dependencies', (item) =>
      mapList(
        omit(item, ['evidenceCollected', 'md5', 'sha1', 'sha256', 'relatedDependencies']),
        'vulnerabilities',
        (found) => omit(found, ['references', 'vulnerableSoftware', 'notes']),
      ),
    );
    if (!isRecord(trimmed)) return trimmed;
    const list = trimmed.dependencies;
    const info = mapList(omit(trimmed.scanInfo, ['dataSource']), 'analysisExceptions', (item) =>
      isRecord(item) ? { exception: omit(item.exception, ['stackTrace', 'cause']) } : item,
    );
    return {
      ...trimmed,
      scanInfo: info,
      projectInfo: omit(trimmed.projectInfo, ['reportDate', 'credits']),
      ...(Array.isArray(list) ? { dependencies: inOneOrder(list) } : {}),
    };
  });
}
