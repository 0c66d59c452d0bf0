import type { PlannedWaiver } from '../compiler/model/model.ts';
import { type Finding, placesOf } from '../core/finding.ts';
import { endOfDay, endsSoon } from './day.ts';

export interface WaivedFinding {
  readonly finding: Finding;
  readonly waiver: PlannedWaiver;
}

export interface Waived {
  /** What still counts. */
  readonly counted: readonly Finding[];
  readonly waived: readonly WaivedFinding[];
  readonly expired: readonly PlannedWaiver[];
  /** Waivers that hold but matched nothing. */
  readonly unused: readonly PlannedWaiver[];
  /** Waivers that hold for less than thirty more days. */
  readonly expiring: readonly PlannedWaiver[];
}

/** Sets waived findings aside. `at` is milliseconds since the epoch; a waiver holds to the end of its day in UTC. */
export function applyWaivers(
  findings: readonly Finding[],
  waivers: readonly PlannedWaiver[],
  at: number,
): Waived {
  const live = waivers.filter((waiver) => holds(waiver, at));
  const used = new Set<PlannedWaiver>();
  const counted: Finding[] = [];
  const waived: WaivedFinding[] = [];
  for (const finding of findings) {
    const waiver = live.find((candidate) => matches(candidate, finding));
    if (waiver === undefined) counted.push(finding);
    else {
      used.add(waiver);
      waived.push({ finding, waiver });
    }
  }
  return {
    counted,
    waived,
    expired: waivers.filter((waiver) => !holds(waiver, at)),
    unused: live.filter((waiver) => !used.has(waiver)),
    expiring: live.filter((waiver) => endsSoon(waiver.expires, at)),
  };
}

function holds(waiver: PlannedWaiver, at: number): boolean {
  return at < endOfDay(waiver.expires);
}

/** Every member of `match` must hold; one that is not known matches nothing, so that a typo never waives. */
function matches(waiver: PlannedWaiver, finding: Finding): boolean {
  const members = Object.entries(waiver.match);
  return members.length > 0 && members.every(([member, wanted]) => memberMatches(member, wanted, finding));
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
