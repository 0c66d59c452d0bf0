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

/**
 * Its statements. One about parts of products holds where such a product is ours; one about a product itself is about
 * that package, and about every part of it where it is ours (OpenVEX 0.2.0, "The VEX Statement").
 */
export function openVexStatements(document: Document): VexStatement[] {
  return document.statements.flatMap((one) => {
    const said = one.impact_statement ?? one.status_notes;
    const common = {
      ids: idsOf(one.vulnerability),
      status: one.status,
      ...(one.justification === undefined ? {} : { justification: one.justification }),
      ...(said === undefined ? {} : { statement: said }),
      at: timeOf(one.last_updated ?? one.timestamp ?? document.last_updated ?? document.timestamp),
    };
    return subjectsOf(one).map((subject): VexStatement => ({ ...common, ...subject }));
  });
}

type Subject = Pick<VexStatement, 'packages' | 'products' | 'wholes'>;

/** Products with the same parts together. */
function subjectsOf({
  products = [],
  subcomponents: shared = [],
}: Document['statements'][number]): Subject[] {
  const wholes: string[] = [];
  const parted = new Map<string, { readonly parts: readonly string[]; readonly products: string[] }>();
  for (const product of products) {
    const parts = typeof product === 'string' ? shared : [...(product.subcomponents ?? []), ...shared];
    if (parts.length === 0) {
      wholes.push(...namesOf(product));
      continue;
    }
    const purls = unique(parts.flatMap(namesOf).filter(isPurl));
    const key = JSON.stringify(purls);
    const known = parted.get(key) ?? { parts: purls, products: [] };
    known.products.push(...namesOf(product));
    parted.set(key, known);
  }
  return [
    ...(wholes.length === 0 ? [] : [{ packages: unique(wholes).filter(isPurl), wholes: unique(wholes) }]),
    ...[...parted.values()].map(({ parts, products: ours }) => ({ packages: parts, products: unique(ours) })),
  ];
}

function idsOf(vulnerability: Document['statements'][number]['vulnerability']): string[] {
  if (typeof vulnerability === 'string') return [vulnerability];
  const { name, aliases = [], '@id': id } = vulnerability;
  // The name may be an address that ends in the id, for example https://nvd.nist.gov/vuln/detail/CVE-…
  const all = [name ?? id, ...aliases].filter((one) => one !== undefined);
  return [...new Set(all.map((one) => (one.includes('://') ? (one.split('/').at(-1) ?? one) : one)))];
}

function namesOf(item: z.infer<typeof component>): string[] {
  const given = typeof item === 'string' ? [item] : [item['@id'], item.identifiers?.purl];
  return given.filter((one) => one !== undefined);
}

function isPurl(name: string): boolean {
  return name.startsWith('pkg:');
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}

/** Milliseconds since the epoch; null for what is no time. */
export function timeOf(given: string | undefined): number | null {
  const time = given === undefined ? Number.NaN : Date.parse(given);
  return Number.isNaN(time) ? null : time;
}
