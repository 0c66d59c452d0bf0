import type { PlannedWaiver } from '../compiler/model/model.ts';
import { type Account, type Finding, placesOf } from '../core/finding.ts';
import { compareSeverity } from '../core/severity.ts';
import { endOfDay, endsSoon } from './day.ts';
import { cveIds, type ExploitedFacts } from './exploited.ts';
import { isFixable } from './fixable.ts';

export interface WaivedFinding {
  readonly finding: Finding;
  readonly waiver: PlannedWaiver;
  /** Only the accounts of the waiver's tool are waived: with the others the finding still counts. */
  readonly partly: boolean;
}

export interface Waived {
  /** What still counts, without the accounts that are waived. */
  readonly counted: readonly Finding[];
  readonly waived: readonly WaivedFinding[];
  readonly expired: readonly PlannedWaiver[];
  /** Waivers that hold but matched nothing. */
  readonly unused: readonly PlannedWaiver[];
  /** Waivers that hold for less than thirty more days. */
  readonly expiring: readonly PlannedWaiver[];
}

/**
 * Sets waived findings aside. A waiver that names a tool is about that tool's accounts alone. `at` is milliseconds since
 * the epoch; a waiver holds to the end of its day in UTC.
 */
export function applyWaivers(
  findings: readonly Finding[],
  waivers: readonly PlannedWaiver[],
  at: number,
  exploited: ExploitedFacts | null = null,
): Waived {
  const live = waivers.filter((waiver) => holds(waiver, at));
  const counted: Finding[] = [];
  const waived: WaivedFinding[] = [];
  for (const finding of findings) {
    const { left, by } = waiveFinding(finding, live, exploited);
    if (left !== undefined) counted.push(left);
    waived.push(...by.map((waiver) => ({ finding, waiver, partly: left !== undefined })));
  }
  const used = new Set(waived.map(({ waiver }) => waiver));
  return {
    counted,
    waived,
    expired: waivers.filter((waiver) => !holds(waiver, at)),
    unused: live.filter((waiver) => !used.has(waiver)),
    expiring: live.filter((waiver) => endsSoon(waiver.expires, at)),
  };
}

interface Left {
  /** Undefined where every account is waived. */
  readonly left: Finding | undefined;
  /** The waivers that took something. */
  readonly by: readonly PlannedWaiver[];
}

function waiveFinding(
  finding: Finding,
  live: readonly PlannedWaiver[],
  exploited: ExploitedFacts | null,
): Left {
  const whole = live.find(({ match }) => match.tool === undefined && matches(match, finding, exploited));
  if (whole !== undefined) return { left: undefined, by: [whole] };
  const by: PlannedWaiver[] = [];
  let accounts = finding.accounts;
  for (const waiver of live) {
    if (waiver.match.tool === undefined) continue;
    const left = accounts.filter((account) => !matches(waiver.match, ofAccount(finding, account), exploited));
    if (left.length < accounts.length) by.push(waiver);
    accounts = left;
  }
  return { left: by.length === 0 ? finding : ofAccounts(finding, accounts), by };
}

function ofAccount(finding: Finding, account: Account): Finding {
  const { span, alsoAt } = account;
  if (span === undefined) return { ...finding, accounts: [account] };
  const { alsoAt: _others, ...rest } = finding;
  return { ...rest, span, ...(alsoAt === undefined ? {} : { alsoAt }), accounts: [account] };
}

/** The finding as its remaining tools report it. */
function ofAccounts(finding: Finding, accounts: readonly Account[]): Finding | undefined {
  const [first, ...rest] = accounts;
  if (first === undefined) return undefined;
  const worst = rest.reduce((a, b) => (compareSeverity(b.severity, a.severity) < 0 ? b : a), first);
  return { ...finding, severity: worst.severity, accounts };
}

function holds(waiver: PlannedWaiver, at: number): boolean {
  return at < endOfDay(waiver.expires);
}

/** Every member of `match` must hold; one that is not known matches nothing, so that a typo never waives. */
function matches(match: PlannedWaiver['match'], finding: Finding, exploited: ExploitedFacts | null): boolean {
  const members = Object.entries(match);
  return (
    members.length > 0 &&
    members.every(
      ([member, wanted]) =>
        memberMatches(member, wanted, finding) || listMatches(member, wanted, finding, exploited),
    )
  );
}

/** What lists say of a vulnerability. One without a CVE id is in no list, which tells nothing of it. */
function listMatches(
  member: string,
  wanted: string,
  finding: Finding,
  exploited: ExploitedFacts | null,
): boolean {
  const ids = cveIds(finding);
  if (exploited === null || ids.length === 0) return false;
  const has = (kind: 'kev' | 'epss'): boolean => exploited.lists.some((list) => list.kind === kind);
  const entries = ids.map((id) => exploited.entries[id]);
  if (member === 'kev')
    return has('kev') && String(entries.some((entry) => entry?.kevAdded !== undefined)) === wanted;
  if (member === 'epssBelow')
    return has('epss') && entries.every((entry) => entry?.epss !== undefined && entry.epss < Number(wanted));
  return false;
}

function memberMatches(member: string, wanted: string, finding: Finding): boolean {
  switch (member) {
    case 'rule':
      return finding.accounts.some((account) => account.rule.id === wanted);
    case 'tool':
      return finding.accounts.some((account) => account.tool === wanted);
    case 'fingerprint':
      return (
        finding.accounts.some((account) => account.fingerprint === wanted) || finding.fingerprint === wanted
      );
    case 'path':
      // One place outside of it is reason enough to look.
      return placesOf(finding).length > 0 && placesOf(finding).every(({ path }) => pathMatches(path, wanted));
    case 'package':
      return finding.package?.name === wanted || finding.package?.purl === wanted;
    case 'cve':
    case 'advisory':
      return finding.advisories.some((id) => id.toUpperCase() === wanted.toUpperCase());
    case 'category':
      return finding.category === wanted;
    case 'target':
      return finding.target === wanted;
    case 'fixable':
      return finding.kind === 'vulnerability' && String(isFixable(finding)) === wanted;
    default:
      return false;
  }
}

/** A path itself, a folder above it, or a pattern of `*` (within a segment) and `**`. */
function pathMatches(path: string, wanted: string): boolean {
  if (!wanted.includes('*')) return path === wanted || path.startsWith(`${wanted.replace(/\/$/, '')}/`);
  return segmentsMatch(wanted.split('/'), path.split('/'));
}

function segmentsMatch(pattern: readonly string[], path: readonly string[]): boolean {
  // Reachable positions of the pattern after each segment: linear in pattern x path, whatever the pattern.
  let reachable = closure(new Set([0]), pattern);
  for (const segment of path) {
    const next = new Set<number>();
    for (const at of reachable) {
      const part = pattern[at];
      if (part === undefined) continue;
      if (part === '**') next.add(at);
      else if (segmentMatches(part, segment)) next.add(at + 1);
    }
    reachable = closure(next, pattern);
  }
  return reachable.has(pattern.length);
}

function closure(positions: Set<number>, pattern: readonly string[]): Set<number> {
  for (const at of positions) if (pattern[at] === '**') positions.add(at + 1);
  return positions;
}

function segmentMatches(pattern: string, segment: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  if (!segment.startsWith(head)) return false;
  let at = head.length;
  const last = rest.pop();
  if (last === undefined) return segment.length === head.length;
  for (const part of rest) {
    const found = segment.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return segment.length - at >= last.length && segment.endsWith(last);
}
