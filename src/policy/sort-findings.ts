import type { PlannedPolicy } from '../compiler/model/model.ts';
import type { Finding } from '../core/finding.ts';
import { knownBy } from './baseline.ts';
import { type ExploitedFinding, exploitedFindings } from './exploited.ts';
import { isUnfixed } from './fixable.ts';
import type { GateFacts } from './gate-facts.ts';
import { existedBefore } from './since.ts';
import { applyVex, type OwnProduct, type VexResult } from './vex.ts';
import { applyWaivers, type Waived } from './waivers.ts';

/** Every finding in exactly one of: counted, waived, not affected, without a fix, existing before the change. */
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
  /** Vulnerabilities without a fix, where the budget does not count them. */
  readonly unfixed: readonly Finding[];
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
  const waived = applyWaivers(findings, policy.waivers, at, facts.exploited);
  const vex = applyVex(waived.counted, facts.vex, at, ownOf(policy, facts));
  const isKnown =
    facts.since === null
      ? knownBy(facts.baseline?.findings ?? [], facts.formerly)
      : existedBefore(facts.since, facts.formerly);
  // By name: a waiver of one tool leaves another object for the same finding.
  const nameOf = ({ fingerprint, target }: Finding): string => `${fingerprint} ${target}`;
  const known = new Set(findings.filter(isKnown).map(nameOf));
  const isNew = (finding: Finding): boolean => !known.has(nameOf(finding));
  const unfixed = policy.budgets.fixable ? vex.counted.filter(isUnfixed) : [];
  const fixable = policy.budgets.fixable ? vex.counted.filter((one) => !isUnfixed(one)) : vex.counted;
  const counted = facts.since === null ? fixable : fixable.filter(isNew);
  return {
    counted,
    countedNew: counted.filter(isNew),
    existing: facts.since === null ? [] : fixable.filter((finding) => !isNew(finding)),
    fresh: findings.filter(isNew),
    waived,
    vex,
    unfixed,
    exploited: exploitedFindings(counted, facts.exploited, policy.exploited?.threshold),
  };
}

/** What the manifest calls ours is so for every target. */
function ownOf({ products = [] }: PlannedPolicy, facts: GateFacts): readonly OwnProduct[] {
  return [...products.map((id) => ({ id, target: null })), ...(facts.products ?? [])];
}
