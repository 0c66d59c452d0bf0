import type { BudgetLimits, Budgets } from '../compiler/model.ts';
import { SEVERITIES, type Severity, type SeverityCounts } from '../core/severity.ts';
import type { Counts } from './count.ts';

/** One limit held against one count. */
export interface BudgetLine {
  /** `overall`, `tool bandit`, `category sast`, `target source`. */
  readonly scope: string;
  readonly severity: Severity;
  readonly limit: number;
  readonly count: number;
  readonly exceeded: boolean;
}

/** Every limit with its count, in the order of scope and severity. A severity without a limit is unlimited. */
export function holdBudgets(budgets: Budgets, counts: Counts): readonly BudgetLine[] {
  return [
    ...lines('overall', budgets.overall, counts.overall),
    ...scoped('tool', budgets.perTool, counts.perTool),
    ...scoped('category', budgets.perCategory, counts.perCategory),
    ...scoped('target', budgets.perTarget, counts.perTarget),
  ];
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
