import { canonicalJson } from '../../core/canonical.ts';

/** Files whose bytes differ from run to run by nature: a golden only asks that they are there. */
const PRESENCE_ONLY = [
  /^logs\//,
  /^events\.jsonl$/,
  /^timeline\.svg$/,
  /^report\.html$/,
  /^attestation\./,
  /^checksums\.txt$/,
];

/** Members whose value is a time, an id, a duration or a mark of secplan's own version, by name, wherever they stand. */
const VOLATILE = new Set([
  'startedAt',
  'durations',
  'bundle',
  'planDigest',
  'definitionDigest',
  'secplan',
  'artifacts',
  'sla',
  'serialNumber',
  'documentNamespace',
  'timestamp',
  'created',
  'startTimeUtc',
  'endTimeUtc',
  'generated_at',
  'cached',
]);

const ISO_TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)/g;

export type Normalised =
  | { readonly kind: 'presence' }
  /** Canonical JSON of the value without what is volatile. */
  | { readonly kind: 'json'; readonly value: unknown; readonly text: string }
  | { readonly kind: 'text'; readonly text: string };

/** The one normaliser: two bundles are equal when every file is equal after this. */
export function normalise(path: string, mediaType: string, text: string): Normalised {
  if (PRESENCE_ONLY.some((pattern) => pattern.test(path))) return { kind: 'presence' };
  if (/[/+]json$/.test(mediaType)) {
    try {
      const value = strip(JSON.parse(text));
      return { kind: 'json', value, text: canonicalJson(value) };
    } catch {
      // What is no JSON is compared as it stands; the schema check reports it.
    }
  }
  return { kind: 'text', text: text.replace(ISO_TIME, '<time>') };
}

function strip(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(ISO_TIME, '<time>');
  if (Array.isArray(value)) return value.map(strip);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, VOLATILE.has(key) ? '<volatile>' : strip(member)]),
  );
}
