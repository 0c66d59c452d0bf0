import * as z from 'zod';
import type { AffectedPackage, ParsedFinding } from '../../core/finding.ts';
import { type Severity, severityOfCvss } from '../../core/severity.ts';
import type { ParseContext, ParseOutcome, StageReport } from '../contract/report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { inOneOrder, mapList, omit, rewriteJson } from '../formats/sanitize.ts';
import { jsonVariant, sarifVariant } from '../formats/variants.ts';
import { purlOf } from './purl.ts';
import type { Options } from './stage.ts';

const named = z.object({ name: z.string(), ecosystem: z.string() });

const vulnerability = z.object({
  id: z.string().min(1),
  aliases: z.array(z.string()).nullish(),
  summary: z.string().nullish(),
  affected: z
    .array(
      z.object({
        package: named.nullish(),
        ranges: z
          .array(z.object({ events: z.array(z.object({ fixed: z.string().optional() })).nullish() }))
          .nullish(),
      }),
    )
    .nullish(),
  database_specific: z
    .object({ severity: z.unknown().optional(), cwe_ids: z.unknown().optional() })
    .nullish()
    .catch(null),
});

const group = z.object({
  ids: z.array(z.string()).min(1),
  aliases: z.array(z.string()).nullish(),
  /** A CVSS score as text; empty where no advisory of the group has one. Older versions have no such member. */
  max_severity: z.string().nullish(),
});

const scanned = z.object({
  package: named.extend({ version: z.string().nullish() }),
  vulnerabilities: z.array(vulnerability).nullish(),
  /** Advisories that name the same flaw stand in one group. */
  groups: z.array(group).nullish(),
});

/** What every report since 1.4 says of itself, and others do not. */
const own = z.object({ experimental_config: z.object({}) });

const reportSchema = z.object({
  results: z.array(
    z.object({
      source: z.object({ path: z.string(), type: z.string() }),
      packages: z.array(scanned).nullable(),
    }),
  ),
});

type Scanned = z.infer<typeof scanned>;

type Group = z.infer<typeof group>;

type Vulnerability = z.infer<typeof vulnerability>;

/** OSV-Scanner's JSON: one finding for each flaw of a package, however many advisories describe it. */
function readOsv(text: string | undefined, context: ParseContext): ParseOutcome {
  const read = readJsonReport('report', text, reportSchema.extend(own.shape));
  if (!read.ok) return read;
  const { findings, packages } = collect(read.value, context);
  return {
    ok: true,
    findings,
    notes: [],
    examined: { count: packages, unit: 'packages', evidence: 'results[].packages in the report' },
  };
}

/** Its JSON before it had settings. */
const earlier = jsonVariant(
  'the JSON of earlier versions',
  reportSchema.refine(({ results }) => results.length > 0, 'it contains no result'),
  (value, context) => ({ findings: collect(value, context).findings }),
);

export const report: StageReport<Options> = {
  variants: [earlier, sarifVariant(['osv-scanner'], 'vulnerability')],
  parse: (raw, context) => readOsv(raw.report, context),
  sanitize: (_, text) => sanitizeOsv(text),
};

function collect(value: z.infer<typeof reportSchema>, context: Pick<ParseContext, 'relative'>) {
  let packages = 0;
  const findings: ParsedFinding[] = [];
  for (const { source, packages: list } of value.results) {
    packages += list?.length ?? 0;
    const path = context.relative(source.path);
    for (const item of list ?? []) {
      const groups: readonly Group[] =
        item.groups ?? (item.vulnerabilities ?? []).map(({ id }) => ({ ids: [id] }));
      for (const one of groups) findings.push(toFinding(item, one, path));
    }
  }
  return { findings, packages };
}

function toFinding(item: Scanned, one: Group, path: string | undefined): ParsedFinding {
  const of = (item.vulnerabilities ?? []).filter(({ id }) => one.ids.includes(id));
  const id = one.ids.find((name) => name.startsWith('GHSA-')) ?? one.ids[0] ?? 'unknown';
  const names = new Set([...one.ids, ...(one.aliases ?? []), ...of.flatMap(({ aliases }) => aliases ?? [])]);
  const summary = of.map((each) => each.summary).find((text) => text) ?? id;
  const { name, version } = item.package;
  const cwe = [...new Set(of.flatMap(cwesOf))].sort();
  return {
    kind: 'vulnerability',
    rule: {
      id,
      name: oneLine(summary),
      url: `https://osv.dev/vulnerability/${encodeURIComponent(id)}`,
      ...(cwe.length > 0 ? { cwe } : {}),
    },
    message: oneLine(`${version ? `${name} ${version}` : name}: ${summary}`),
    ...rating(one, of),
    ...locationOf(path),
    package: packageOf(item, of),
    advisories: [...names].sort(),
  };
}

function rating(one: Group, of: readonly Vulnerability[]): { severity?: Severity; toolLevel?: string } {
  const score = Number.parseFloat(one.max_severity ?? '');
  if (Number.isFinite(score)) return { severity: severityOfCvss(score) };
  if (one.ids.some((id) => id.startsWith('MAL-'))) return { toolLevel: 'malicious' };
  const word = of.map((item) => item.database_specific?.severity).find((each) => typeof each === 'string');
  return typeof word === 'string' ? { toolLevel: word } : {};
}

function packageOf({ package: found }: Scanned, of: readonly Vulnerability[]): AffectedPackage {
  const { name, version, ecosystem } = found;
  const purl = purlOf(ecosystem, name, version ?? undefined);
  const fixed = of
    .flatMap(({ affected }) => affected ?? [])
    .filter((item) => item.package?.name === name)
    .flatMap(({ ranges }) => ranges ?? [])
    .flatMap(({ events }) => events ?? [])
    .flatMap((event) => event.fixed ?? []);
  // With several lines of versions there is no one version to go to.
  const [only] = new Set(fixed).size === 1 ? fixed : [];
  return {
    name,
    ...(version ? { version } : {}),
    ...(purl === undefined ? {} : { purl }),
    ...(only === undefined ? {} : { fixedVersion: only }),
  };
}

function cwesOf({ database_specific: extra }: Vulnerability): string[] {
  const ids = extra?.cwe_ids;
  return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string' && /^CWE-\d{1,6}$/.test(id)) : [];
}

/** Without the advisories' long texts, in one order: databases are read side by side. */
function sanitizeOsv(text: string): string {
  const sorted = (
    value: unknown,
    key: string,
    edit: (item: unknown) => unknown = (item) => item,
  ): unknown => {
    const edited = mapList(value, key, edit) as Record<string, unknown>;
    const list = edited?.[key];
    return Array.isArray(list) ? { ...edited, [key]: inOneOrder(list) } : edited;
  };
  return rewriteJson(text, (json) =>
    sorted(json, 'results', (result) =>
      sorted(result, 'packages', (item) =>
        sorted(item, 'vulnerabilities', (one) => omit(one, ['details', 'references'])),
      ),
    ),
  );
}
