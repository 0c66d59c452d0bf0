import { byCodeUnit } from '../core/canonical.ts';
import type { Account, Finding } from '../core/finding.ts';
import { compareSeverity } from '../core/severity.ts';

/**
 * Joins what several tools said of the same thing into one finding that keeps every account.
 * - a vulnerability: an advisory id in common, on the same package of the same target
 * - a secret: the same line of the same file
 * - code and misconfiguration: the same line of the same file, and a check in common (its id, a CWE, or a name in `aka`)
 * - all else: the same fingerprint
 * Two findings of one stage are never joined: the n-th of one stage meets the n-th of another.
 * Linear in the number of findings but for ties on one line. The order of the input does not change the result.
 */
export function mergeFindings(unordered: readonly Finding[]): readonly Finding[] {
  const findings = [...unordered].sort(byStageAndPlace);
  const groups = new Groups(findings.length);
  const seen = new Map<string, number>();
  const occurrences = new Map<string, number>();
  findings.forEach((finding, index) => {
    for (const shared of joinKeys(finding)) {
      const own = `${shared}${stageOf(finding)}`;
      const nth = occurrences.get(own) ?? 0;
      occurrences.set(own, nth + 1);
      const slot = `${shared}${nth}`;
      const other = seen.get(slot);
      if (other === undefined) seen.set(slot, index);
      else groups.join(index, other);
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
    const subject = packageKey(finding);
    for (const id of finding.advisories) keys.push(key('advisory', target, subject, id.toUpperCase()));
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

/** A purl without version and qualifiers, else the name: tools disagree on qualifiers. */
function packageKey(finding: Finding): string {
  const { purl, name, version } = finding.package ?? { name: '' };
  const subject = purl === undefined ? name : (purl.split(/[@?#]/, 1)[0] ?? name);
  return `${subject.toLowerCase()}@${version ?? ''}`;
}

function key(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}

function mergeGroup(group: readonly Finding[]): Finding {
  const accounts = uniqueAccounts(group.flatMap((finding) => finding.accounts));
  const [first, ...rest] = [...group].sort(byImportance);
  if (first === undefined) throw new Error('a group has a member');
  if (rest.length === 0 && accounts.length === first.accounts.length) return { ...first, accounts };
  const cwe = sortedUnion(group.flatMap((finding) => finding.rule.cwe ?? []));
  const pack = group.find((finding) => finding.package?.purl !== undefined)?.package ?? first.package;
  return {
    ...first,
    rule: { ...first.rule, ...(cwe.length > 0 ? { cwe } : {}) },
    advisories: sortedUnion(group.flatMap((finding) => finding.advisories)),
    ...(pack === undefined ? {} : { package: pack }),
    accounts,
  };
}

function uniqueAccounts(accounts: readonly Account[]): Account[] {
  const byKey = new Map<string, Account>();
  for (const account of accounts) {
    byKey.set(key(account.stage, account.rule.id, account.fingerprint), account);
  }
  return [...byKey.entries()].sort(([a], [b]) => byCodeUnit(a, b)).map(([, account]) => account);
}

function sortedUnion(values: readonly string[]): string[] {
  return [...new Set(values)].sort(byCodeUnit);
}

/** Union-find with path halving. */
class Groups {
  private readonly parent: Int32Array;

  constructor(size: number) {
    this.parent = Int32Array.from({ length: size }, (_, index) => index);
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

  join(a: number, b: number): void {
    const [low, high] = [this.root(a), this.root(b)].sort((x, y) => x - y);
    if (low !== undefined && high !== undefined) this.parent[high] = low;
  }
}
