import { canonicalJson } from '../../core/canonical.ts';

/**
 * What the machine or a key decides, its presence included: a scanner that has nothing to complain of leaves no log,
 * a run elsewhere has another key or none.
 */
const LEFT_OUT = /^(logs\/|attestation\.links\/|attestation\.(vsa\.)?sigstore\.json$)/;

/** Files whose bytes differ from run to run by nature: a golden only asks that they are there. */
const PRESENCE_ONLY = [
  /^events\.jsonl$/,
  /^timeline\.svg$/,
  /^report\.html$/,
  /^attestation\./,
  /^checksums\.txt$/,
];

/**
 * Members that are a time, an id of the run, a duration, a fact of the machine or a mark of secplan's own version, by
 * file; the tools that the catalogue has and the plan leaves out are such a mark, too. `*` is every item or member,
 * `[a=b]` every item whose `a` is `b`. Only what is listed goes: a member of the same name elsewhere counts.
 */
const VOLATILE: readonly (readonly [file: RegExp, members: readonly string[]])[] = [
  [
    /^summary\.json$/,
    // `artifacts` is what the golden itself lists; the export folder is there from the second run on, a log only where the caller writes one.
    [
      'secplan',
      'bundle',
      'planDigest',
      // Every runtime is to give the same; what one does not enforce is its own.
      'runtime',
      'notEnforced',
      'durations',
      'startedAt',
      'artifacts',
      'tools/*/cached',
      'tools/*/sharedBy',
      'coverage/workspace/leftOut/export-folder',
      'coverage/workspace/leftOut/own-log',
      'coverage/workspace/leftOut/secplan-file',
      'coverage/entries/[state=disabled]',
    ],
  ],
  [
    /^verdict\.json$/,
    [
      'sla/exceeded',
      'coverage/workspace/leftOut/export-folder',
      'coverage/workspace/leftOut/own-log',
      'coverage/workspace/leftOut/secplan-file',
      'coverage/entries/[state=disabled]',
    ],
  ],
  [/^manifest-info\.json$/, ['planDigest']],
  // An edit of an adapter or of what ships with it that changes no command is no change of the plan's meaning.
  [
    /(^|\.)plan\.json$/,
    [
      'secplan',
      'planDigest',
      'notPlanned/[state=disabled]',
      'stages/*/definitionDigest',
      'stages/*/assets/*/digest',
    ],
  ],
  [/^findings\.sarif$/, ['runs/*/tool/driver/version']],
  // The index of a rule moves when another rule comes; its id stands beside it.
  [/\.sarif$/, ['runs/*/invocations', 'runs/*/automationDetails', 'runs/*/results/*/ruleIndex']],
  [/\.cdx\.json$/, ['serialNumber', 'metadata/timestamp']],
  [/\.spdx\.json$/, ['documentNamespace', 'creationInfo/created']],
  [/\.raw\.json$/, ['generated_at', 'CreatedAt', 'ReportID']],
];

const ISO_TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)/g;

export type Normalized =
  /** Not part of a golden at all. */
  | { readonly kind: 'left-out' }
  | { readonly kind: 'presence' }
  /** Canonical JSON of the value without what is volatile. */
  | { readonly kind: 'json'; readonly value: unknown; readonly text: string }
  | { readonly kind: 'text'; readonly text: string };

/** The one normaliser: two bundles are equal when every file is equal after this. */
export function normalize(path: string, mediaType: string, text: string): Normalized {
  if (LEFT_OUT.test(path)) return { kind: 'left-out' };
  if (PRESENCE_ONLY.some((pattern) => pattern.test(path))) return { kind: 'presence' };
  if (/[/+]json$/.test(mediaType)) {
    try {
      const value = normalizeJson(path, JSON.parse(text));
      return { kind: 'json', value, text: canonicalJson(value) };
    } catch {
      // What is no JSON is compared as it stands; the schema check reports it.
    }
  }
  return { kind: 'text', text: text.replace(ISO_TIME, '<time>') };
}

/** A JSON document of the file of that path, without what is volatile in it. Changes nothing in place. */
export function normalizeJson(path: string, value: unknown): unknown {
  const members = VOLATILE.flatMap(([file, list]) => (file.test(path) ? list : []));
  return strip(
    value,
    members.map((member) => member.split('/')),
  );
}

function strip(value: unknown, members: readonly (readonly string[])[]): unknown {
  if (typeof value === 'string') return value.replace(ISO_TIME, '<time>');
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) {
    const inner = below(members, '*');
    const leaving = members.flatMap(([head = '', ...rest]) => (rest.length === 0 ? [head] : []));
    return value
      .filter((item) => !leaving.some((condition) => holds(condition, item)))
      .map((item) => strip(item, inner));
  }
  const leaving = new Set(members.flatMap((path) => (path.length === 1 ? path : [])));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !leaving.has(key))
      .map(([key, member]) => [key, strip(member, below(members, key))]),
  );
}

function below(members: readonly (readonly string[])[], key: string): readonly (readonly string[])[] {
  return members
    .filter(([head, ...rest]) => rest.length > 0 && (head === key || head === '*'))
    .map((path) => path.slice(1));
}

/** `[state=disabled]` */
function holds(condition: string, item: unknown): boolean {
  const [, member, wanted] = /^\[(\w+)=(\w+)\]$/.exec(condition) ?? [];
  if (member === undefined || typeof item !== 'object' || item === null) return false;
  return (item as Readonly<Record<string, unknown>>)[member] === wanted;
}
