import * as z from 'zod';
import { listOf, optional, text, word } from './read-parts.ts';

const HASHES = [
  ...['MD5', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512', 'SHA3-256', 'SHA3-384', 'SHA3-512'],
  ...['BLAKE2b-256', 'BLAKE2b-384', 'BLAKE2b-512', 'BLAKE3'],
] as const;
const TYPES = [
  ...([
    'application',
    'framework',
    'library',
    'container',
    'platform',
    'operating-system',
    'device',
  ] as const),
  ...([
    'device-driver',
    'firmware',
    'file',
    'machine-learning-model',
    'data',
    'cryptographic-asset',
  ] as const),
] as const;
/** Types of references that every version since 1.2 knows; any other becomes `other`, which they know, too. */
const REFERENCES = [
  ...(['vcs', 'issue-tracker', 'website', 'advisories', 'bom', 'mailing-list', 'social', 'chat'] as const),
  ...([
    'documentation',
    'support',
    'distribution',
    'license',
    'build-meta',
    'build-system',
    'other',
  ] as const),
] as const;

const hash = z.object({
  alg: z.enum(HASHES),
  content: z
    .string()
    .regex(/^([a-fA-F0-9]{32}|[a-fA-F0-9]{40}|[a-fA-F0-9]{64}|[a-fA-F0-9]{96}|[a-fA-F0-9]{128})$/),
});
const choice = z.union([
  z.object({ expression: word }),
  z.object({ license: z.union([z.object({ id: word }), z.object({ name: text })]) }),
]);
const about = {
  type: z.enum(TYPES).catch('library'),
  name: text,
  version: optional(text),
  group: optional(text),
  purl: optional(word),
  cpe: optional(word),
};
const component = z.object({
  ...about,
  'bom-ref': optional(word),
  publisher: optional(text),
  author: optional(text),
  description: optional(text),
  copyright: optional(text),
  scope: optional(z.enum(['required', 'optional', 'excluded'])),
  hashes: listOf(hash),
  licenses: listOf(choice),
  externalReferences: listOf(
    z.object({ url: word, type: z.enum(REFERENCES).catch('other'), comment: optional(text) }),
  ),
  properties: listOf(z.object({ name: text, value: optional(text) })),
  /** Parts of it, in the same form. */
  components: z.unknown().optional(),
});
const dependency = z.object({ ref: word, dependsOn: listOf(word) });
const tool = z.object(about);

const document = z.object({
  metadata: z
    .object({
      component: optional(z.object({ 'bom-ref': optional(word) })),
      // A list of names until 1.4, components since 1.5.
      tools: z
        .union([
          listOf(tool.extend({ name: text })).refine((items) => items.length > 0),
          z.object({ components: listOf(tool) }).transform(({ components }) => components),
        ])
        .catch([]),
    })
    .catch({ component: undefined, tools: [] }),
  components: z.unknown().optional(),
  dependencies: listOf(dependency),
});

export type CyclonedxComponent = Omit<z.infer<typeof component>, 'components'>;
export type CyclonedxLicense = z.infer<typeof choice>;

/** A CycloneDX document as far as a merge reads it, components within components laid flat. */
export interface CyclonedxDocument {
  readonly root: string | undefined;
  readonly tools: readonly z.infer<typeof tool>[];
  readonly components: readonly CyclonedxComponent[];
  readonly dependencies: readonly z.infer<typeof dependency>[];
}

/** Components nest; no producer goes deeper than a few. */
const DEEPEST = 50;

export function readCyclonedxDocument(value: unknown): CyclonedxDocument {
  const read = document.safeParse(value);
  if (!read.success) return { root: undefined, tools: [], components: [], dependencies: [] };
  const { metadata, components, dependencies } = read.data;
  return {
    root: metadata.component?.['bom-ref'],
    tools: metadata.tools,
    components: flat(components, 0),
    dependencies,
  };
}

const components = listOf(component);

function flat(value: unknown, depth: number): readonly CyclonedxComponent[] {
  if (depth > DEEPEST) return [];
  return components
    .parse(value ?? [])
    .flatMap(({ components: parts, ...whole }) => [whole, ...flat(parts, depth + 1)]);
}
