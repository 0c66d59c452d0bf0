import type { BudgetLimits, Budgets, ScopedLimits } from '../compiler/model/model.ts';
import { SEVERITIES, type Severity, type SeverityCounts } from '../core/severity.ts';
import { type Counts, countFindings } from './count.ts';
import type { SortedFindings } from './sort-findings.ts';

/** One limit held against one count. */
export interface BudgetLine {
  /** `overall`, `tool bandit`, `category sast`, `target source`; the same after `new `; `exploited`. */
  readonly scope: string;
  /** `any` for the one limit that does not ask: that on exploited findings. */
  readonly severity: Severity | 'any';
  readonly limit: number;
  readonly count: number;
  readonly exceeded: boolean;
}

/** The counts that the limits apply to. */
export interface BudgetCounts {
  readonly all: Counts;
  readonly fresh: Counts;
  readonly exploited: number;
}

/** Counts sorted findings for the limits. */
export function budgetCounts({ counted, countedNew, exploited: listed }: SortedFindings): BudgetCounts {
  return {
    all: countFindings(counted),
    fresh: countFindings(countedNew),
    exploited: listed.filter((one) => one.exploited).length,
  };
}

/** Every limit with its count, in the order of scope and severity. A severity without a limit is unlimited. */
export function holdBudgets(budgets: Budgets, counts: BudgetCounts): readonly BudgetLine[] {
  const fresh = budgets.new === undefined ? [] : everywhere(budgets.new, counts.fresh);
  return [
    ...everywhere(budgets, counts.all),
    ...fresh.map((line) => ({ ...line, scope: `new ${line.scope}` })),
    ...exploited(budgets.exploited, counts.exploited),
  ];
}

function everywhere(limits: ScopedLimits, counts: Counts): BudgetLine[] {
  return [
    ...lines('overall', limits.overall, counts.overall),
    ...scoped('tool', limits.perTool, counts.perTool),
    ...scoped('category', limits.perCategory, counts.perCategory),
    ...scoped('target', limits.perTarget, counts.perTarget),
  ];
}

function exploited(limit: number | undefined, count: number): BudgetLine[] {
  return limit === undefined
    ? []
    : [{ scope: 'exploited', severity: 'any', limit, count, exceeded: count > limit }];
}

function scoped(
  word: string,
  limits: Readonly<Record<string, BudgetLimits | undefined>>,
  counts: Readonly<Record<string, SeverityCounts>>,
): BudgetLine[] {
  return Object.keys(limits)
    .sort()
    .flatMap((name) => lines(`${word} ${name}`, limits[name] ?? {}, counts[name]));
}

function lines(scope: string, limits: BudgetLimits, counts: SeverityCounts | undefined): BudgetLine[] {
  return SEVERITIES.flatMap((severity) => {
    const limit = limits[severity];
    if (limit === undefined) return [];
    const count = counts?.[severity] ?? 0;
    return [{ scope, severity, limit, count, exceeded: count > limit }];
  });
}
