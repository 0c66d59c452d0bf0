import * as z from 'zod';
import type { AffectedPackage, ParsedFinding } from '../../core/finding.ts';
import type { Severity } from '../../core/severity.ts';
import { severityOfScore, severityOfVector } from './cvss.ts';
import { withKnownLists } from './known-lists.ts';
import { oneLine } from './one-line.ts';
import { readPurl } from './read-purl.ts';

const text = z.string().nullish();
const component = z.object({
  'bom-ref': text,
  group: text,
  name: z.string(),
  version: text,
  purl: text,
  /** Components within it, of the same shape: read one by one. */
  components: z.array(z.unknown()).nullish(),
});
const rating = z.object({ severity: text, score: z.number().nullish(), method: text, vector: text });
const vulnerability = z.object({
  id: z.string(),
  description: text,
  source: z.object({ url: text }).nullish(),
  references: z.array(z.object({ id: text })).nullish(),
  ratings: z.array(rating).nullish(),
  cwes: z.array(z.number()).nullish(),
  affects: z.array(z.object({ ref: z.string() })).nullish(),
});

/** What is read of a CycloneDX document in JSON, 1.4 and later (ECMA-424). */
export const cyclonedxBom = withKnownLists(
  {
    bomFormat: z.literal('CycloneDX'),
    specVersion: z.string(),
    metadata: z.object({ component: component.nullish() }).nullish(),
    components: z.array(component).nullish(),
    vulnerabilities: z.array(vulnerability).nullish(),
  },
  // All lists that the standard has at this place, up to 1.7.
  [
    'annotations',
    'citations',
    'compositions',
    'dependencies',
    'externalReferences',
    'formulation',
    'patents',
    'properties',
    'services',
  ],
);

export type CyclonedxBom = z.infer<typeof cyclonedxBom>;

type Component = z.infer<typeof component>;
type Vulnerability = z.infer<typeof vulnerability>;

const MAX_COMPONENTS = 1_000_000;
const WORDS = ['critical', 'high', 'medium', 'low', 'info', 'none'];

export interface CyclonedxReading {
  /** One for each component that a vulnerability affects. A document's own `analysis` hides nothing. */
  readonly findings: readonly ParsedFinding[];
  /** Of every depth, without the one that the document is about. */
  readonly components: number;
}

/** The vulnerabilities of a CycloneDX document, of a VEX or VDR too. */
export function readCyclonedxBom(bom: z.infer<typeof cyclonedxBom>): CyclonedxReading {
  const components = allOf(bom.components ?? []);
  const byRef = new Map<string, Component>();
  const root = bom.metadata?.component;
  for (const item of root ? [root, ...components] : components) {
    const ref = item['bom-ref'];
    if (ref && !byRef.has(ref)) byRef.set(ref, item);
  }
  const findings = (bom.vulnerabilities ?? []).flatMap((item) => {
    const affected = (item.affects ?? []).map(({ ref }) => packageOf(ref, byRef));
    return affected.length > 0 ? affected.map((at) => toFinding(item, at)) : [toFinding(item, undefined)];
  });
  return { findings, components: components.length };
}

/** Nested components are listed behind those that hold them; what is none of that shape is passed over. */
function allOf(top: readonly Component[]): readonly Component[] {
  const all = [...top];
  for (let index = 0; index < all.length && all.length < MAX_COMPONENTS; index += 1) {
    for (const inner of all[index]?.components ?? []) {
      const read = component.safeParse(inner);
      if (read.success) all.push(read.data);
    }
  }
  return all;
}

/** By `bom-ref`, or by a BOM-Link whose fragment is one; a reference that is a package URL tells by itself. */
function packageOf(ref: string, byRef: ReadonlyMap<string, Component>): AffectedPackage | undefined {
  const link = /^urn:cdx:[^#]*#(.*)$/s.exec(ref)?.[1];
  const item = byRef.get(ref) ?? (link === undefined ? undefined : byRef.get(decoded(link)));
  if (item === undefined) return packageOfPurl(link === undefined ? ref : decoded(link));
  const { group, name, version, purl } = item;
  // A purl says the group in its own way; without one the name has to.
  return {
    name: group && !purl ? `${group}/${name}` : name,
    ...(version ? { version } : {}),
    ...(purl ? { purl } : {}),
  };
}

function packageOfPurl(text: string): AffectedPackage | undefined {
  const purl = readPurl(text);
  if (purl === undefined) return undefined;
  const { name, version } = purl;
  return { name, ...(version === undefined ? {} : { version }), purl: text };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function toFinding(item: Vulnerability, at: AffectedPackage | undefined): ParsedFinding {
  const ratings = item.ratings ?? [];
  const words = ratings.map(({ severity }) => severity?.toLowerCase() ?? '');
  const level = WORDS.find((name) => words.includes(name));
  const severity = level === undefined ? scored(ratings) : undefined;
  const cwe = [...new Set(item.cwes ?? [])].map((id) => `CWE-${id}`).sort();
  const url = item.source?.url;
  const what = at === undefined ? '' : `${at.name}${at.version ? ` ${at.version}` : ''}: `;
  const names = (item.references ?? []).flatMap(({ id }) => id || []);
  return {
    kind: 'vulnerability',
    rule: { id: item.id, ...(url ? { url } : {}), ...(cwe.length > 0 ? { cwe } : {}) },
    message: oneLine(`${what}${item.description || item.id}`),
    ...(severity === undefined ? {} : { severity }),
    ...(level === undefined ? {} : { toolLevel: level }),
    ...(at === undefined ? {} : { package: at }),
    advisories: [...new Set([item.id, ...names])].sort(),
  };
}

/** The first rating that a severity can be worked out of, where none has a word for it. */
function scored(ratings: readonly z.infer<typeof rating>[]): Severity | undefined {
  for (const { vector, score, method } of ratings) {
    const version = method === 'CVSSv2' ? 2 : method === 'CVSSv4' ? 4 : 3;
    const found = severityOfVector(vector ?? '') ?? severityOfScore(score ?? Number.NaN, version);
    if (found !== undefined) return found;
  }
  return undefined;
}
