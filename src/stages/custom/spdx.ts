import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import type { ParseOutcome, UnreadForm } from '../contract/report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { oneLine } from '../formats/one-line.ts';

const text = z.string().nullish();
const reference = z.object({ referenceType: text, referenceLocator: text });
const packaged = z.object({
  name: z.string(),
  versionInfo: text,
  externalRefs: z.array(reference).nullish(),
});
const spdx = z.object({
  spdxVersion: z.string().regex(/^SPDX-2\.\d+$/),
  packages: z.array(packaged).nullish(),
});

type Packaged = z.infer<typeof packaged>;

/** SPDX 3 is JSON-LD, another format by the same name. */
export const SPDX_3: UnreadForm = {
  is: (text) => /"https:\/\/spdx\.org\/rdf\/3\.\d/.test(text.slice(0, 100_000)),
  detail: 'it is SPDX 3, and SPDX 2 is read, in JSON or as tags and values: convert it to that',
};

/** SPDX 2 in JSON: a package that refers to a security advisory (Annex F.1.3) is a finding, all others are none. */
export function readSpdx(raw: string | undefined): ParseOutcome {
  const read = readJsonReport('spdx', raw, spdx);
  if (read.ok) return outcomeOf(read.value.packages ?? []);
  const { detail } = SPDX_3;
  return SPDX_3.is(raw ?? '')
    ? { ok: false, failure: { reason: 'report-schema', output: 'spdx', detail } }
    : read;
}

/** SPDX 2 as tags and values: what a line says of the package that was named last. */
export function readSpdxTags(raw: string): ParseOutcome {
  if (!/^SPDXVersion:\s*SPDX-2\.\d+\s*$/m.test(raw)) {
    const detail = 'no line SPDXVersion: SPDX-2';
    return { ok: false, failure: { reason: 'report-schema', output: 'spdx', detail } };
  }
  const packages: { name: string; versionInfo?: string; externalRefs: z.infer<typeof reference>[] }[] = [];
  for (const line of raw.split('\n')) {
    const [, tag, value = ''] = /^([A-Za-z]{1,40}):[ \t]*(.*)$/.exec(line.trimEnd()) ?? [];
    if (tag === 'PackageName') packages.push({ name: value, externalRefs: [] });
    const last = packages.at(-1);
    if (last === undefined) continue;
    if (tag === 'PackageVersion') last.versionInfo = value;
    if (tag === 'ExternalRef') {
      const [, referenceType, referenceLocator] = value.split(/\s+/);
      last.externalRefs.push({ referenceType, referenceLocator });
    }
  }
  return outcomeOf(packages);
}

function outcomeOf(packages: readonly Packaged[]): ParseOutcome {
  const findings = packages.flatMap((item) =>
    (item.externalRefs ?? []).flatMap(({ referenceType, referenceLocator }) =>
      referenceType === 'advisory' && referenceLocator ? toFinding(item, referenceLocator) : [],
    ),
  );
  const examined = { count: packages.length, unit: 'packages', evidence: 'packages[]' } as const;
  return { ok: true, findings, notes: [], examined };
}

const ADVISORY = /\b(?:CVE-\d{4}-\d{4,19}|GHSA(?:-[23456789cfghjmpqrvwx]{4}){3})\b/i;

function toFinding({ name, versionInfo, externalRefs }: Packaged, url: string): ParsedFinding {
  const id = ADVISORY.exec(url)?.[0] ?? url;
  const purl = externalRefs?.find(({ referenceType }) => referenceType === 'purl')?.referenceLocator;
  return {
    kind: 'vulnerability',
    rule: { id: oneLine(id), ...(/^https?:/.test(url) ? { url } : {}) },
    message: oneLine(`${versionInfo ? `${name} ${versionInfo}` : name}: the document refers to ${id}`),
    package: { name, ...(versionInfo ? { version: versionInfo } : {}), ...(purl ? { purl } : {}) },
    advisories: [oneLine(id)],
  };
}
