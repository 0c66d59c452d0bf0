import * as z from 'zod';
import type { VexStatement, VexStatus } from '../../policy/vex.ts';
import { timeOf } from './read-openvex.ts';

const text = z.string().max(65_536);
const component = z.object({ 'bom-ref': text.optional(), purl: text.optional() });

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

/** Its statements. A reference is a purl, the `bom-ref` of a component with one, or a BOM-Link that ends in either. */
export function cyclonedxStatements(document: Document): VexStatement[] {
  const purls = new Map(
    [document.metadata?.component, ...(document.components ?? [])].flatMap((one) =>
      one?.['bom-ref'] === undefined || one.purl === undefined ? [] : [[one['bom-ref'], one.purl] as const],
    ),
  );
  return document.vulnerabilities.flatMap(({ id, references, analysis, affects, updated }) => {
    const status = STATUS[analysis?.state ?? ''];
    if (status === undefined) return [];
    const packages = (affects ?? []).flatMap(({ ref, versions }) => {
      const purl = purlOf(ref, purls);
      if (purl === undefined) return [];
      // Where versions are listed only these are meant; a range is not evaluated, so it is not believed either.
      return versions?.length
        ? versions.flatMap(({ version }) =>
            version === undefined ? [] : [`${unversioned(purl)}@${version}`],
          )
        : [purl];
    });
    return {
      ids: [id, ...(references ?? []).map((reference) => reference.id)].filter((one) => one !== undefined),
      packages: [...new Set(packages)],
      status,
      ...(analysis?.justification === undefined ? {} : { justification: analysis.justification }),
      ...(analysis?.detail === undefined ? {} : { statement: analysis.detail }),
      at: timeOf(analysis?.lastUpdated ?? analysis?.firstIssued ?? updated ?? document.metadata?.timestamp),
    };
  });
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
