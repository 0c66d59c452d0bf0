import { byCodeUnit } from '../core/canonical.ts';
import { type Account, type Finding, placesOf, type Span } from '../core/finding.ts';
import { compareSeverity } from '../core/severity.ts';

/**
 * Joins what several tools said of the same thing into one finding that keeps every account.
 * - a vulnerability: an advisory id in common, on the same package of the same target
 * - a secret: the same line of the same file
 * - code and misconfiguration: the same line of the same file, and a check in common (its id, a CWE, or a name in `aka`)
 * - all else: the same fingerprint
 * Two findings of one stage are never joined, the n-th of one stage meets the n-th of another; but for two names of one
 * advisory, when another tool says that they are one.
 * Linear in the number of findings but for ties on one line. The order of the input does not change the result.
 */
export function mergeFindings(unordered: readonly Finding[]): readonly Finding[] {
  const findings = [...unordered].sort(byStageAndPlace);
  const groups = new Groups(findings.map(stageOf));
  const slots = new Map<string, Slot>();
  findings.forEach((finding, index) => {
    const stage = stageOf(finding);
    for (const shared of joinKeys(finding)) {
      const slot = slots.get(shared);
      if (slot === undefined) {
        slots.set(shared, { stage, nth: 0, first: index, further: undefined });
        continue;
      }
      // Sorted by stage: once another has its turn, this one does not come back.
      slot.nth = slot.stage === stage ? slot.nth + 1 : 0;
      slot.stage = stage;
      const other = slot.nth === 0 ? slot.first : slot.further?.[slot.nth - 1];
      if (other !== undefined) groups.join(index, other, finding.kind !== 'vulnerability');
      else if (slot.further === undefined) slot.further = [index];
      else slot.further.push(index);
    }
  });
  const members = new Map<number, Finding[]>();
  findings.forEach((finding, index) => {
    const root = groups.root(index);
    const group = members.get(root);
    if (group === undefined) members.set(root, [finding]);
    else group.push(finding);
  });
  return [...members.values()].map(mergeGroup).sort(byImportance);
}

/** Worst first, then by place, so that equal runs give equal bytes. */
export function byImportance(a: Finding, b: Finding): number {
  return (
    compareSeverity(a.severity, b.severity) ||
    byCodeUnit(a.span?.path ?? '', b.span?.path ?? '') ||
    (a.span?.startLine ?? 0) - (b.span?.startLine ?? 0) ||
    byCodeUnit(a.rule.id, b.rule.id) ||
    byCodeUnit(a.fingerprint, b.fingerprint)
  );
}

/** Who was seen under one key: of the stage that has its turn the n-th, and the first of all stages to be the n-th. */
interface Slot {
  stage: string;
  nth: number;
  readonly first: number;
  /** From the second on. */
  further: number[] | undefined;
}

function stageOf(finding: Finding): string {
  return finding.accounts[0]?.stage ?? '';
}

function byStageAndPlace(a: Finding, b: Finding): number {
  return (
    byCodeUnit(stageOf(a), stageOf(b)) ||
    byCodeUnit(a.span?.path ?? '', b.span?.path ?? '') ||
    (a.span?.startLine ?? 0) - (b.span?.startLine ?? 0) ||
    (a.span?.startColumn ?? 0) - (b.span?.startColumn ?? 0) ||
    byCodeUnit(a.rule.id, b.rule.id) ||
    byCodeUnit(a.fingerprint, b.fingerprint)
  );
}

/** Two findings that share one of these are the same finding. */
function joinKeys(finding: Finding): string[] {
  const { kind, target, span } = finding;
  const keys = [key('same', kind, target, finding.fingerprint)];
  if (kind === 'vulnerability') {
    const subjects = packageKeys(finding);
    for (const id of finding.advisories) {
      for (const subject of subjects) keys.push(key('advisory', target, subject, id.toUpperCase()));
    }
  } else if (span?.startLine !== undefined) {
    const line = String(span.startLine);
    if (kind === 'secret') keys.push(key('secret', target, span.path, line));
    if (kind === 'code' || kind === 'misconfiguration') {
      const checks = [finding.rule.id, ...(finding.rule.cwe ?? []), ...(finding.rule.aka ?? [])];
      for (const check of checks) keys.push(key('check', kind, target, span.path, line, check));
    }
  }
  return keys;
}

/**
 * What two tools may both call the package that has an advisory: its purl without version and qualifiers, as tools disagree
 * on qualifiers and on escaping the `@` of a scope; and its bare name, as some give no purl. A `v` before a version is Go's.
 */
function packageKeys(finding: Finding): readonly string[] {
  const { purl, name, version = '' } = finding.package ?? { name: '' };
  const at = `@${version.replace(/^v(?=\d)/, '')}`;
  const bare = `${(/[^/:]*$/.exec(name)?.[0] || name).toLowerCase()}${at}`;
  if (purl === undefined) return [bare];
  return [`${unversioned(purl.split(/[?#]/, 1)[0] ?? name).toLowerCase()}${at}`, bare];
}

function unversioned(purl: string): string {
  const end = purl.lastIndexOf('@');
  return (end > purl.lastIndexOf('/') ? purl.slice(0, end) : purl).replaceAll('%40', '@');
}

/** No two lists give the same text: each part says how long it is. */
function key(...parts: readonly string[]): string {
  let text = '';
  for (const part of parts) text += `${part.length}:${part}`;
  return text;
}

function mergeGroup(group: readonly Finding[]): Finding {
  const [only] = group;
  if (group.length === 1 && only?.accounts.length === 1) return only;
  const accounts = uniqueAccounts(group.flatMap((finding) => finding.accounts));
  const [first, ...rest] = [...group].sort(byImportance);
  if (first === undefined) throw new Error('a group has a member');
  if (rest.length === 0 && accounts.length === first.accounts.length) return { ...first, accounts };
  const cwe = sortedUnion(group.flatMap((finding) => finding.rule.cwe ?? []));
  const pack = group.find((finding) => finding.package?.purl !== undefined)?.package ?? first.package;
  const alsoAt = furtherPlaces(first, group);
  return {
    ...first,
    rule: { ...first.rule, ...(cwe.length > 0 ? { cwe } : {}) },
    advisories: sortedUnion(group.flatMap((finding) => finding.advisories)),
    ...(pack === undefined ? {} : { package: pack }),
    ...(alsoAt.length === 0 ? {} : { alsoAt }),
    accounts,
  };
}

/** What any account names beside the place of the first. That others stand elsewhere in its line, or file, is no further place. */
function furtherPlaces(first: Finding, group: readonly Finding[]): readonly Span[] {
  const places = new Map(group.flatMap(({ alsoAt = [] }) => alsoAt).map((span) => [placeKey(span), span]));
  for (const span of placesOf({ ...first, alsoAt: [] })) places.delete(placeKey(span));
  return [...places].sort(([a], [b]) => byCodeUnit(a, b)).map(([, span]) => span);
}

function placeKey({ path, startLine, startColumn }: Span): string {
  return JSON.stringify([path, startLine ?? 0, startColumn ?? 0]);
}

function uniqueAccounts(accounts: readonly Account[]): Account[] {
  const byKey = new Map<string, Account>();
  for (const account of accounts) {
    byKey.set(JSON.stringify([account.stage, account.rule.id, account.fingerprint]), account);
  }
  return [...byKey.entries()].sort(([a], [b]) => byCodeUnit(a, b)).map(([, account]) => account);
}

function sortedUnion(values: readonly string[]): string[] {
  return [...new Set(values)].sort(byCodeUnit);
}

/** Union-find with path halving, that knows which stages each group has. */
class Groups {
  private readonly parent: Int32Array;
  private readonly stageOf: readonly string[];
  /** Of groups of two and more, by root. */
  private readonly stages = new Map<number, readonly string[]>();

  constructor(stageOf: readonly string[]) {
    this.parent = Int32Array.from(stageOf, (_, index) => index);
    this.stageOf = stageOf;
  }

  root(index: number): number {
    let at = index;
    for (;;) {
      const up = this.parent[at] ?? at;
      if (up === at) return at;
      this.parent[at] = this.parent[up] ?? up;
      at = up;
    }
  }

  /** Nothing where `apart` is set and a stage would be in the group twice: a wide finding does not join narrow ones. */
  join(a: number, b: number, apart: boolean): void {
    const [first, second] = [this.root(a), this.root(b)];
    if (first === second) return;
    const [low, high] = first < second ? [first, second] : [second, first];
    if (apart) {
      const [kept, added] = [this.stagesAt(low), this.stagesAt(high)];
      if (added.some((stage) => kept.includes(stage))) return;
      this.stages.set(low, [...kept, ...added]);
    }
    this.parent[high] = low;
  }

  private stagesAt(root: number): readonly string[] {
    return this.stages.get(root) ?? [this.stageOf[root] ?? ''];
  }
}
