import * as z from 'zod';
import type { VexStatement } from '../../policy/vex.ts';

const text = z.string().max(65_536);
const identified = z.object({
  '@id': text.optional(),
  identifiers: z.object({ purl: text.optional() }).optional(),
});
const component = z.union([text, identified]);
const product = z.union([
  text,
  identified.extend({ subcomponents: z.array(component).max(100_000).optional() }),
]);

/** OpenVEX, of any version so far: 0.0.1 names vulnerabilities and products by plain texts. */
export const openVex = z.object({
  '@context': z.string().startsWith('https://openvex.dev/ns'),
  '@id': text.optional(),
  author: text.optional(),
  timestamp: text.optional(),
  last_updated: text.optional(),
  statements: z
    .array(
      z
        .object({
          vulnerability: z.union([
            text,
            z.object({
              name: text.optional(),
              '@id': text.optional(),
              aliases: z.array(text).max(1000).optional(),
            }),
          ]),
          products: z.array(product).max(100_000).optional(),
          subcomponents: z.array(component).max(100_000).optional(),
          status: z.enum(['not_affected', 'affected', 'fixed', 'under_investigation']),
          justification: z
            .enum([
              'component_not_present',
              'vulnerable_code_not_present',
              'vulnerable_code_not_in_execute_path',
              'vulnerable_code_cannot_be_controlled_by_adversary',
              'inline_mitigations_already_exist',
            ])
            .optional(),
          impact_statement: text.optional(),
          status_notes: text.optional(),
          timestamp: text.optional(),
          last_updated: text.optional(),
        })
        // The specification asks for it, and so does whoever reads the verdict.
        .refine(
          (one) =>
            one.status !== 'not_affected' ||
            one.justification !== undefined ||
            one.impact_statement !== undefined,
          'not_affected needs a justification or an impact_statement',
        ),
    )
    .max(100_000),
});

type Document = z.infer<typeof openVex>;

/** Its statements. One about parts of a product is about these parts; one without is about the product itself. */
export function openVexStatements(document: Document): VexStatement[] {
  return document.statements.map((one) => {
    const said = one.impact_statement ?? one.status_notes;
    const shared = one.subcomponents ?? [];
    const packages = (one.products ?? []).flatMap((product) => {
      const parts = typeof product === 'string' ? shared : [...(product.subcomponents ?? []), ...shared];
      return (parts.length === 0 ? [product] : parts).flatMap(purlsOf);
    });
    return {
      ids: idsOf(one.vulnerability),
      packages: [...new Set(packages)],
      status: one.status,
      ...(one.justification === undefined ? {} : { justification: one.justification }),
      ...(said === undefined ? {} : { statement: said }),
      at: timeOf(one.last_updated ?? one.timestamp ?? document.last_updated ?? document.timestamp),
    };
  });
}

function idsOf(vulnerability: Document['statements'][number]['vulnerability']): string[] {
  if (typeof vulnerability === 'string') return [vulnerability];
  const { name, aliases = [], '@id': id } = vulnerability;
  // The name may be an address that ends in the id, for example https://nvd.nist.gov/vuln/detail/CVE-…
  const all = [name ?? id, ...aliases].filter((one) => one !== undefined);
  return [...new Set(all.map((one) => (one.includes('://') ? (one.split('/').at(-1) ?? one) : one)))];
}

function purlsOf(item: z.infer<typeof component>): string[] {
  const given = typeof item === 'string' ? [item] : [item['@id'], item.identifiers?.purl];
  return given.filter((one): one is string => one?.startsWith('pkg:') === true);
}

/** Milliseconds since the epoch; null for what is no time. */
export function timeOf(given: string | undefined): number | null {
  const time = given === undefined ? Number.NaN : Date.parse(given);
  return Number.isNaN(time) ? null : time;
}
