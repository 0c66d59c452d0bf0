import * as z from 'zod';
import type { AffectedPackage, ParsedFinding } from '../../core/finding.ts';
import type { ParseOutcome } from '../contract.ts';
import { readJsonReport } from '../json-report.ts';
import { oneLine } from '../sarif.ts';

const component = z.object({
  'bom-ref': z.string().nullish(),
  name: z.string(),
  version: z.string().nullish(),
  purl: z.string().nullish(),
});
const vulnerability = z.object({
  id: z.string(),
  description: z.string().nullish(),
  source: z.object({ url: z.string().nullish() }).nullish(),
  references: z.array(z.object({ id: z.string() })).nullish(),
  ratings: z.array(z.object({ severity: z.string().nullish() })).nullish(),
  cwes: z.array(z.number()).nullish(),
  affects: z.array(z.object({ ref: z.string() })).nullish(),
  analysis: z.object({ state: z.string().nullish() }).nullish(),
});
const bom = z.object({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.string(),
  components: z.array(component).nullish(),
  vulnerabilities: z.array(vulnerability).nullish(),
});

const ORDER = ['critical', 'high', 'medium', 'low', 'info', 'none'];

/** CycloneDX JSON: one finding for each component that a vulnerability affects. Its own analysis hides nothing here. */
export function readCyclonedx(text: string | undefined): ParseOutcome {
  const read = readJsonReport('cyclonedx', text, bom);
  if (!read.ok) return read;
  const components = read.value.components ?? [];
  const byRef = new Map(components.map((item) => [item['bom-ref'], item]));
  const findings = (read.value.vulnerabilities ?? []).flatMap((item) => {
    const affected = (item.affects ?? []).map(({ ref }) => packageOf(byRef.get(ref)));
    return affected.length > 0 ? affected.map((at) => toFinding(item, at)) : [toFinding(item, undefined)];
  });
  return {
    ok: true,
    findings,
    notes: [],
    examined: { count: components.length, unit: 'packages', evidence: 'components[]' },
  };
}

function packageOf(item: z.infer<typeof component> | undefined): AffectedPackage | undefined {
  if (item === undefined) return undefined;
  const { name, version, purl } = item;
  return { name, ...(version ? { version } : {}), ...(purl ? { purl } : {}) };
}

function toFinding(item: z.infer<typeof vulnerability>, at: AffectedPackage | undefined): ParsedFinding {
  const levels = (item.ratings ?? []).map(({ severity }) => severity?.toLowerCase() ?? '');
  const level = ORDER.find((name) => levels.includes(name));
  const cwe = [...new Set(item.cwes ?? [])].map((id) => `CWE-${id}`).sort();
  const url = item.source?.url;
  const what = at === undefined ? '' : `${at.name}${at.version ? ` ${at.version}` : ''}: `;
  return {
    kind: 'vulnerability',
    rule: { id: item.id, ...(url ? { url } : {}), ...(cwe.length > 0 ? { cwe } : {}) },
    message: oneLine(`${what}${item.description || item.id}`),
    ...(level === undefined ? {} : { toolLevel: level }),
    ...(at === undefined ? {} : { package: at }),
    advisories: [...new Set([item.id, ...(item.references ?? []).map(({ id }) => id)])].sort(),
  };
}
