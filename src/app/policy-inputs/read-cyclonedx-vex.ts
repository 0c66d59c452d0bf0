import * as z from 'zod';
import { unreachable } from '../../core/unreachable.ts';
import type { VexRange, VexStatement, VexStatus } from '../../policy/vex.ts';
import { timeOf } from './read-openvex.ts';

const text = z.string().max(65_536);
const component = z.object({
  'bom-ref': text.optional(),
  purl: text.optional(),
  get components() {
    return z.array(component).max(1_000_000).nullish();
  },
});
type Component = z.infer<typeof component>;

/** CycloneDX with `vulnerabilities`: its own VEX, or a bill of materials with one in it. */
export const cyclonedxVex = z.object({
  bomFormat: z.literal('CycloneDX'),
  serialNumber: text.optional(),
  metadata: z
    .object({
      timestamp: text.optional(),
      component: component.optional(),
      authors: z
        .array(z.object({ name: text.optional() }))
        .max(1000)
        .optional(),
    })
    .optional(),
  components: z.array(component).max(1_000_000).nullish(),
  vulnerabilities: z
    .array(
      z.object({
        id: text.optional(),
        references: z
          .array(z.object({ id: text.optional() }))
          .max(1000)
          .nullish(),
        updated: text.optional(),
        analysis: z
          .object({
            state: z
              .enum([
                'resolved',
                'resolved_with_pedigree',
                'exploitable',
                'in_triage',
                'false_positive',
                'not_affected',
              ])
              .optional(),
            justification: text.optional(),
            detail: text.optional(),
            firstIssued: text.optional(),
            lastUpdated: text.optional(),
          })
          .nullish(),
        affects: z
          .array(
            z.object({
              ref: text,
              versions: z
                .array(
                  z.object({
                    version: text.optional(),
                    range: text.optional(),
                    status: z.enum(['affected', 'unaffected', 'unknown']).optional(),
                  }),
                )
                .max(10_000)
                .nullish(),
            }),
          )
          .max(100_000)
          .nullish(),
      }),
    )
    .max(100_000),
});

const STATUS: Readonly<Record<string, VexStatus>> = {
  resolved: 'fixed',
  resolved_with_pedigree: 'fixed',
  exploitable: 'affected',
  in_triage: 'under_investigation',
  false_positive: 'not_affected',
  not_affected: 'not_affected',
};

type Document = z.infer<typeof cyclonedxVex>;

/**
 * Its statements: for each vulnerability one of those versions that it lists with one status, as the status of a version
 * is more exact than the analysis of the whole (CycloneDX 1.6, vulnerabilities[].affects[].versions[].status). A
 * reference is a purl, the `bom-ref` of a component with one, or a BOM-Link that ends in either.
 */
export function cyclonedxStatements(document: Document): VexStatement[] {
  const roots = [document.metadata?.component, ...(document.components ?? [])];
  const purls = new Map(roots.flatMap((one) => (one === undefined ? [] : namedIn(one))));
  return document.vulnerabilities.flatMap((vulnerability) => {
    const { id, references, analysis, updated } = vulnerability;
    const time = analysis?.lastUpdated ?? analysis?.firstIssued ?? updated ?? document.metadata?.timestamp;
    return [...subjectsOf(vulnerability, purls)].map(
      ([status, { packages, ranges, wholes }]): VexStatement => ({
        ids: [id, ...(references ?? []).map((reference) => reference.id)].filter((one) => one !== undefined),
        packages: [...packages],
        ...(ranges.length === 0 ? {} : { ranges }),
        ...(wholes.size === 0 ? {} : { wholes: [...wholes] }),
        status,
        ...(analysis?.justification === undefined ? {} : { justification: analysis.justification }),
        ...(analysis?.detail === undefined ? {} : { statement: analysis.detail }),
        at: timeOf(time),
      }),
    );
  });
}

/** Components may lie in components. */
function namedIn(component: Component): (readonly [string, string])[] {
  const { 'bom-ref': ref, purl, components } = component;
  return [
    ...(ref === undefined || purl === undefined ? [] : [[ref, purl] as const]),
    ...(components ?? []).flatMap(namedIn),
  ];
}

interface Subject {
  readonly packages: Set<string>;
  readonly ranges: VexRange[];
  readonly wholes: Set<string>;
}

function subjectsOf(
  { analysis, affects }: Document['vulnerabilities'][number],
  purls: ReadonlyMap<string, string>,
): ReadonlyMap<VexStatus, Subject> {
  const whole = STATUS[analysis?.state ?? ''];
  const subjects = new Map<VexStatus, Subject>();
  const of = (status: VexStatus): Subject => {
    const known = subjects.get(status) ?? { packages: new Set(), ranges: [], wholes: new Set() };
    subjects.set(status, known);
    return known;
  };
  if (whole !== undefined) of(whole);
  for (const { ref, versions } of affects ?? []) {
    const purl = purlOf(ref, purls);
    if (purl === undefined) continue;
    if (!versions?.length) {
      if (whole === undefined) continue;
      of(whole).packages.add(purl);
      of(whole).wholes.add(purl);
    }
    for (const { version, range, status } of versions ?? []) {
      const said = statusOf(status, whole);
      if (said === undefined) continue;
      const name = unversioned(purl);
      if (version !== undefined) {
        of(said).packages.add(`${name}@${version}`);
        of(said).wholes.add(`${name}@${version}`);
      }
      if (version === undefined && range !== undefined) of(said).ranges.push({ package: name, range });
    }
  }
  return new Map([...subjects].filter(([, subject]) => subjects.size === 1 || !isEmpty(subject)));
}

function isEmpty({ packages, ranges }: Subject): boolean {
  return packages.size === 0 && ranges.length === 0;
}

function statusOf(
  status: 'affected' | 'unaffected' | 'unknown' | undefined,
  whole: VexStatus | undefined,
): VexStatus | undefined {
  switch (status) {
    case undefined:
      return whole;
    case 'affected':
      return 'affected';
    case 'unaffected':
      return whole === 'fixed' ? 'fixed' : 'not_affected';
    case 'unknown':
      return 'under_investigation';
    default:
      return unreachable(status);
  }
}

function purlOf(ref: string, purls: ReadonlyMap<string, string>): string | undefined {
  const own = ref.startsWith('urn:cdx:') ? decoded(ref.slice(ref.indexOf('#') + 1)) : ref;
  return purls.get(own) ?? (own.startsWith('pkg:') ? own : undefined);
}

function unversioned(purl: string): string {
  const plain = purl.split(/[?#]/, 1)[0] ?? purl;
  const at = plain.lastIndexOf('@');
  return at > plain.lastIndexOf('/') ? plain.slice(0, at) : plain;
}

function decoded(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
