import type { PlannedPolicy, PlannedWaiver } from '../compiler/model.ts';
import { isInfrastructure } from '../core/failure.ts';
import type { Finding } from '../core/finding.ts';
import { type BudgetLine, holdBudgets } from './budgets.ts';
import { type Counts, countFindings } from './count.ts';
import type { Coverage } from './coverage.ts';
import { applyWaivers } from './waivers.ts';

export type VerdictOutcome = 'pass' | 'fail' | 'incomplete';

/** verdict.json: what the gate decided and on what. */
export interface Verdict {
  readonly schema: 'https://secplan.dev/schema/verdict/v1';
  readonly outcome: VerdictOutcome;
  /** Documented in spec section 5; 0 pass, 1 failed, 3 infrastructure, 4 incomplete, 7 time budget exceeded. */
  readonly exitCode: number;
  /** True when something was left out by --skip, --only or a stop: such a run is never golden. */
  readonly partial: boolean;
  readonly budgetsFrom: string;
  readonly budgets: readonly BudgetLine[];
  readonly counts: Counts;
  readonly coverage: Coverage;
  /** Ids of the stages without a result. */
  readonly incomplete: readonly string[];
  readonly waivers: {
    readonly used: readonly UsedWaiver[];
    readonly expired: readonly PlannedWaiver[];
    readonly unused: readonly PlannedWaiver[];
  };
  readonly sla: { readonly limitMs: number; readonly enforced: boolean; readonly exceeded: boolean } | null;
}

export interface UsedWaiver extends PlannedWaiver {
  /** Fingerprints of what it waived, sorted. */
  readonly findings: readonly string[];
}

export interface GateInput {
  readonly policy: PlannedPolicy;
  /** What was checked and what was not; of the run itself or, when gating again, of its bundle. */
  readonly coverage: Coverage;
  /** Merged. */
  readonly findings: readonly Finding[];
  /** Milliseconds since the epoch at which waivers are judged. */
  readonly at: number;
  /** Milliseconds that the run took; null when only gating again. */
  readonly elapsedMs: number | null;
}

/** The gate: pure. What did not run is never a pass. */
export function decideVerdict({ policy, coverage, findings, at, elapsedMs }: GateInput): Verdict {
  const waived = applyWaivers(findings, policy.waivers, at);
  const counts = countFindings(waived.counted);
  const budgets = holdBudgets(policy.budgets, counts);
  const incomplete = coverage.entries.filter((entry) => entry.state === 'incomplete');
  const anyDone = coverage.entries.some((entry) => entry.state === 'done');
  const lacking = incomplete.length > 0 || coverage.requiredMissing.length > 0 || !anyDone;
  const outcome: VerdictOutcome = budgets.some((line) => line.exceeded)
    ? 'fail'
    : lacking
      ? 'incomplete'
      : 'pass';
  const sla =
    policy.slaMs === null || elapsedMs === null
      ? null
      : { limitMs: policy.slaMs, enforced: policy.enforceSla, exceeded: elapsedMs > policy.slaMs };
  const allInfrastructure =
    incomplete.length > 0 &&
    coverage.requiredMissing.every((name) => lacksOnlyIncomplete(name, coverage)) &&
    incomplete.every(({ reason }) => reason !== null && isInfrastructure({ reason }));
  return {
    schema: 'https://secplan.dev/schema/verdict/v1',
    outcome,
    exitCode: exitCodeOf(outcome, {
      allInfrastructure,
      warnOnly: policy.onIncomplete === 'warn',
      late: sla?.exceeded === true && sla.enforced,
    }),
    partial: coverage.entries.some((entry) => entry.state === 'skipped'),
    budgetsFrom: policy.budgets.origin,
    budgets,
    counts,
    coverage,
    incomplete: incomplete.map((entry) => entry.id),
    waivers: {
      used: policy.waivers.flatMap((waiver) => {
        const matched = waived.waived
          .filter((item) => item.waiver === waiver)
          .map((item) => item.finding.fingerprint as string);
        return matched.length === 0 ? [] : [{ ...waiver, findings: matched.sort() }];
      }),
      expired: waived.expired,
      unused: waived.unused,
    },
    sla,
  };
}

/** A required name that lacks nothing but stages that are incomplete anyway adds no cause of its own. */
function lacksOnlyIncomplete(name: string, { entries }: Coverage): boolean {
  const own = entries.filter((entry) => entry.tool === name || entry.category === name);
  return own.length > 0 && own.every(({ state }) => state === 'done' || state === 'incomplete');
}

interface ExitFacts {
  readonly allInfrastructure: boolean;
  readonly warnOnly: boolean;
  readonly late: boolean;
}

/** The order of spec section 5 for the codes that a gate can give: 1, 3, 4, 7, 0. */
function exitCodeOf(outcome: VerdictOutcome, facts: ExitFacts): number {
  if (outcome === 'fail') return 1;
  if (outcome === 'incomplete' && !facts.warnOnly) return facts.allInfrastructure ? 3 : 4;
  return facts.late ? 7 : 0;
}
