import type { PlannedPolicy } from '../compiler/model/model.ts';
import type { Finding } from '../core/finding.ts';
import { knownBy } from './baseline.ts';
import { type ExploitedFinding, exploitedFindings } from './exploited.ts';
import type { GateFacts } from './gate-facts.ts';
import { existedBefore } from './since.ts';
import { applyVex, type OwnProduct, type VexResult } from './vex.ts';
import { applyWaivers, type Waived } from './waivers.ts';

/** Every finding in exactly one of: counted, waived, not affected, existing before the change. */
export interface SortedFindings {
  /** The findings that the budgets apply to. */
  readonly counted: readonly Finding[];
  /** Those of them that neither the baseline nor the ref knows. */
  readonly countedNew: readonly Finding[];
  /** Not counted because `--changed-since` gates what is new only. */
  readonly existing: readonly Finding[];
  /** All that are new, waived ones too. */
  readonly fresh: readonly Finding[];
  readonly waived: Waived;
  readonly vex: VexResult;
  /** What the lists say of the counted ones. */
  readonly exploited: readonly ExploitedFinding[];
}

/** Decides what counts: waivers first, then VEX, then what was there before. `at` is milliseconds since the epoch. */
export function sortFindings(
  policy: PlannedPolicy,
  facts: GateFacts,
  findings: readonly Finding[],
  at: number,
): SortedFindings {
  const waived = applyWaivers(findings, policy.waivers, at);
  const vex = applyVex(waived.counted, facts.vex, at, ownOf(policy, facts));
  const isKnown = facts.since === null ? knownBy(facts.baseline?.findings ?? []) : existedBefore(facts.since);
  const known = new Set(findings.filter(isKnown));
  const isNew = (finding: Finding): boolean => !known.has(finding);
  const counted = facts.since === null ? vex.counted : vex.counted.filter(isNew);
  return {
    counted,
    countedNew: counted.filter(isNew),
    existing: facts.since === null ? [] : vex.counted.filter((finding) => known.has(finding)),
    fresh: findings.filter(isNew),
    waived,
    vex,
    exploited: exploitedFindings(counted, facts.exploited, policy.exploited?.threshold),
  };
}

/** What the manifest calls ours is so for every target. */
function ownOf({ products = [] }: PlannedPolicy, facts: GateFacts): readonly OwnProduct[] {
  return [...products.map((id) => ({ id, target: null })), ...(facts.products ?? [])];
}
