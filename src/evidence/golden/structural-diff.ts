import { isRecord } from '../../core/is-record.ts';
export interface Difference {
  /** JSON pointer. */
  readonly at: string;
  /** Short JSON, or a finding or a stage's coverage in words; absent where the member is new. */
  readonly before?: string;
  readonly after?: string;
}

const MOST = 50;

/**
 * Where two JSON values differ, at most 50 places. Arrays of objects that can be told apart (by fingerprint, id,
 * path, stage or name) are compared by that, so that one new finding is one difference.
 */
export function structuralDiff(before: unknown, after: unknown): readonly Difference[] {
  const found: Difference[] = [];
  compare('', before, after, found);
  return found;
}

function compare(at: string, before: unknown, after: unknown, found: Difference[]): void {
  if (found.length >= MOST || Object.is(before, after)) return;
  if (Array.isArray(before) && Array.isArray(after)) {
    const [left, right] = [keyed(before), keyed(after)];
    if (left !== undefined && right !== undefined) compareRecords(at, left, right, found);
    else compareRecords(at, { ...before }, { ...after }, found);
  } else if (isRecord(before) && isRecord(after)) {
    compareRecords(at, before, after, found);
  } else {
    found.push({ at, ...shown('before', before), ...shown('after', after) });
  }
}

function compareRecords(
  at: string,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  found: Difference[],
): void {
  for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
    const place = `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    compare(place, own(before, key), own(after, key), found);
  }
}

/** Never what every object inherits: a member may be named `constructor`. */
function own(record: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** The array as a record by its items' identity, numbered where several share one; undefined when an item has none. */
function keyed(items: readonly unknown[]): Record<string, unknown> | undefined {
  // Without a prototype, or an item named `__proto__` would be lost.
  const record = Object.create(null) as Record<string, unknown>;
  const seen = new Map<string, number>();
  for (const item of items) {
    const identity = identityOf(item);
    if (identity === undefined) return undefined;
    const nth = (seen.get(identity) ?? 0) + 1;
    seen.set(identity, nth);
    record[nth === 1 ? identity : `${identity} #${nth}`] = item;
  }
  return record;
}

function identityOf(item: unknown): string | undefined {
  if (!isRecord(item)) return undefined;
  const candidates = [
    findingIdentity(item),
    item.fingerprint,
    item.id,
    item.path,
    item['bom-ref'],
    item.SPDXID,
    // A tool of the summary by its stage: several stages may have one tool.
    item.stage,
    item.name,
  ];
  return candidates.find((candidate): candidate is string => typeof candidate === 'string');
}

/** A SARIF result of secplan's by its rule and fingerprint, so that a pointer into it names the finding. */
function findingIdentity({
  ruleId,
  partialFingerprints,
}: Readonly<Record<string, unknown>>): string | undefined {
  const print = isRecord(partialFingerprints) ? partialFingerprints['secplan/v1'] : undefined;
  return typeof print === 'string' ? `${String(ruleId)} ${print.slice(0, 12)}` : undefined;
}

/** A SARIF result in words: what it is and where. */
function findingText({ ruleId, properties }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof ruleId !== 'string' || !isRecord(properties)) return undefined;
  const { severity, span } = properties;
  const place = isRecord(span) ? ` at ${String(span.path)}:${String(span.startLine ?? '')}` : '';
  return `${String(severity)} ${ruleId}${place}`;
}

/** What a stage came to, in words: `done: 12 files`. */
function coverageText({ state, detail, tool }: Readonly<Record<string, unknown>>): string | undefined {
  return [state, detail, tool].every((member) => typeof member === 'string')
    ? `${state}: ${detail}`
    : undefined;
}

function shown(key: 'before' | 'after', value: unknown): Partial<Difference> {
  if (value === undefined) return {};
  const text =
    (isRecord(value) && (findingText(value) ?? coverageText(value))) ||
    (JSON.stringify(value) ?? String(value));
  return { [key]: text.length > 160 ? `${text.slice(0, 159)}…` : text };
}
