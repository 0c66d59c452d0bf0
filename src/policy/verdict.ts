import type { PlannedPolicy, PlannedWaiver } from '../compiler/model/model.ts';
import { isInfrastructure } from '../core/failure.ts';
import type { Finding } from '../core/finding.ts';
import { goneFrom } from './baseline.ts';
import { type BudgetLine, budgetCounts, holdBudgets } from './budgets.ts';
import type { Counts } from './count.ts';
import { type Coverage, entriesOf } from './coverage.ts';
import type { ExploitedFinding, ExploitedList } from './exploited.ts';
import { type GateFacts, NO_FACTS } from './gate-facts.ts';
import { type SortedFindings, sortFindings } from './sort-findings.ts';
import { unexaminedThatCount } from './unexamined.ts';
import type { VexDocument, VexStatement } from './vex.ts';

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
  /** How many files make the run incomplete because a scanner was given them and did not check them; absent where none do. */
  readonly unexamined?: number;
  readonly waivers: {
    readonly used: readonly UsedWaiver[];
    readonly expired: readonly PlannedWaiver[];
    readonly unused: readonly PlannedWaiver[];
    /** Those that hold for less than thirty more days; absent where there is none. */
    readonly expiring?: readonly PlannedWaiver[];
  };
  /** What is new; absent where nothing was compared and no budget asks. */
  readonly comparison?: Comparison;
  /** What VEX documents set aside; absent where the policy names none. */
  readonly vex?: VexVerdict;
  /** Fingerprints of vulnerabilities that do not count as there is no fix; absent where the budget counts them. */
  readonly unfixed?: readonly string[];
  /** What the lists of exploited vulnerabilities say; absent where the policy names none. */
  readonly exploited?: {
    readonly lists: readonly ExploitedList[];
    readonly findings: readonly ExploitedFinding[];
  };
  readonly sla: { readonly limitMs: number; readonly enforced: boolean; readonly exceeded: boolean } | null;
}

export interface Comparison {
  readonly with: 'baseline' | 'ref' | 'nothing';
  /** Of `--changed-since`: only what is new counts. */
  readonly ref?: { readonly name: string; readonly commit: string; readonly mergeBase: string };
  readonly baseline?: { readonly path: string; readonly digest: string; readonly entries: number };
  /** Entries of the baseline that are no longer found: `baseline prune` drops them. */
  readonly gone: number;
  /** Of the new ones among those that count. */
  readonly counts: Counts;
  /** Fingerprints of all that are new, waived ones too; sorted. */
  readonly new: readonly string[];
  /** How many findings were not counted because they were there before. */
  readonly existing: number;
}

export interface VexVerdict {
  readonly documents: readonly {
    readonly path: string;
    readonly digest: string;
    readonly format: VexDocument['format'];
    readonly author: string | null;
    readonly statements: number;
    readonly expires?: string;
    readonly expired: boolean;
  }[];
  readonly notAffected: readonly {
    readonly finding: string;
    readonly document: string;
    readonly ids: readonly string[];
    readonly status: VexStatement['status'];
    readonly justification?: string;
    readonly statement?: string;
  }[];
  /** Statements that match no finding. */
  readonly unused: readonly {
    readonly document: string;
    readonly ids: readonly string[];
    /** Products that it is about, where only they do not fit. */
    readonly foreign?: readonly string[];
  }[];
}

export interface UsedWaiver extends PlannedWaiver {
  /** Fingerprints of what it waived, sorted. */
  readonly findings: readonly string[];
  /** Those that still count, as other tools report them too; sorted, absent where there is none. */
  readonly partly?: readonly string[];
}

export interface GateInput {
  readonly policy: PlannedPolicy;
  /** What was checked and what was not; of the run itself or, when gating again, of its bundle. */
  readonly coverage: Coverage;
  /** Merged. */
  readonly findings: readonly Finding[];
  /** Baseline, VEX and the like; default: none. */
  readonly facts?: GateFacts;
  /** Milliseconds since the epoch at which waivers and VEX documents are judged. */
  readonly at: number;
  /** Milliseconds that the run took; null when only gating again. */
  readonly elapsedMs: number | null;
}

/** The gate: pure. What did not run is never a pass. */
export function decideVerdict(input: GateInput): Verdict {
  const { policy, coverage, findings, at, elapsedMs, facts = NO_FACTS } = input;
  const sorted = sortFindings(policy, facts, findings, at);
  const { waived } = sorted;
  const held = budgetCounts(sorted);
  const budgets = holdBudgets(policy.budgets, held);
  const incomplete = coverage.entries.filter((entry) => entry.state === 'incomplete');
  // Only a probe has no category: that something answered is nothing that was scanned.
  const anyDone = coverage.entries.some((entry) => entry.state === 'done' && entry.category !== null);
  const unexamined = unexaminedThatCount(coverage, policy);
  const lacking = incomplete.length > 0 || coverage.requiredMissing.length > 0 || unexamined > 0 || !anyDone;
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
    unexamined === 0 &&
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
    counts: held.all,
    coverage,
    incomplete: incomplete.map((entry) => entry.id),
    ...(unexamined === 0 ? {} : { unexamined }),
    waivers: {
      used: policy.waivers.flatMap((waiver) => usedWaiver(waiver, sorted)),
      expired: waived.expired,
      unused: waived.unused,
      ...(waived.expiring.length === 0 ? {} : { expiring: waived.expiring }),
    },
    ...comparisonOf({ policy, facts, sorted, counts: held.fresh, findings, coverage }),
    ...(facts.vex.length === 0 ? {} : { vex: vexOf(facts, sorted) }),
    ...(policy.budgets.fixable
      ? { unfixed: sorted.unfixed.map((finding) => finding.fingerprint as string).sort() }
      : {}),
    ...(facts.exploited === null
      ? {}
      : { exploited: { lists: facts.exploited.lists, findings: sorted.exploited } }),
    sla,
  };
}

function usedWaiver(waiver: PlannedWaiver, { waived }: SortedFindings): readonly UsedWaiver[] {
  const matched = waived.waived.filter((item) => item.waiver === waiver);
  const of = (partly: boolean) =>
    matched
      .filter((item) => item.partly === partly)
      .map((item) => item.finding.fingerprint as string)
      .sort();
  const partly = of(true);
  if (matched.length === 0) return [];
  return [{ ...waiver, findings: of(false), ...(partly.length === 0 ? {} : { partly }) }];
}

interface Compared extends Pick<GateInput, 'policy' | 'findings' | 'coverage'> {
  readonly facts: GateFacts;
  readonly sorted: SortedFindings;
  /** Of the findings that are new. */
  readonly counts: Counts;
}

function comparisonOf(compared: Compared): { readonly comparison?: Comparison } {
  const { policy, facts, sorted, counts, findings, coverage } = compared;
  const { baseline, since } = facts;
  if (baseline === null && since === null && policy.budgets.new === undefined) return {};
  const entries = since?.baseline ?? baseline?.findings ?? [];
  return {
    comparison: {
      with: since !== null ? 'ref' : baseline !== null ? 'baseline' : 'nothing',
      ...(since === null
        ? {}
        : { ref: { name: since.ref, commit: since.commit, mergeBase: since.mergeBase } }),
      ...(baseline === null || since !== null
        ? {}
        : { baseline: { path: baseline.path, digest: baseline.digest, entries: entries.length } }),
      gone: goneFrom(entries, findings, coverage, facts.formerly).length,
      counts,
      new: sorted.fresh.map((finding) => finding.fingerprint as string).sort(),
      existing: sorted.existing.length,
    },
  };
}

function vexOf({ vex }: GateFacts, { vex: result }: SortedFindings): VexVerdict {
  return {
    documents: vex.map((document) => ({
      path: document.path,
      digest: document.digest,
      format: document.format,
      author: document.author,
      statements: document.statements.length,
      ...(document.expires === undefined ? {} : { expires: document.expires }),
      expired: result.expired.includes(document),
    })),
    notAffected: result.notAffected.map(({ finding, document, statement }) => ({
      finding: finding.fingerprint as string,
      document: document.path,
      ids: statement.ids,
      status: statement.status,
      ...(statement.justification === undefined ? {} : { justification: statement.justification }),
      ...(statement.statement === undefined ? {} : { statement: statement.statement }),
    })),
    unused: result.unused.map(({ document, statement, foreign }) => ({
      document: document.path,
      ids: statement.ids,
      ...(foreign ? { foreign: statement.products ?? statement.wholes ?? [] } : {}),
    })),
  };
}

/** A required name that lacks nothing but stages that are incomplete anyway adds no other cause. */
function lacksOnlyIncomplete(name: string, { entries }: Coverage): boolean {
  const own = entriesOf(name, entries);
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
