import { SEVERITIES } from '../../core/severity.ts';
import type { Budgets as BudgetsSpec, Limits, Manifest, NewLimits } from '../manifest.gen.ts';
import type { BudgetLimits, Budgets, ScopedLimits } from '../model/model.ts';
import type { ProfileLevel } from './profile-chain.ts';

/**
 * The budgets that a run must keep (spec section 2): `--policy FILE`, else `profiles.<p>.budgets`, else
 * `policy.budgets.<p>`, else the nearest ancestor profile's, else `policy.budgets.default`, else critical 0, high 5.
 */
export function effectiveBudgets(
  manifest: Manifest,
  levels: readonly ProfileLevel[],
  override: BudgetsSpec | undefined,
): Budgets {
  if (override) return budgets('--policy FILE', override);
  const byName = new Map(Object.entries(manifest.policy?.budgets ?? {}));
  // From the leaf to the base: an ancestor is asked the same two questions as the profile itself.
  for (const name of new Set(levels.map((level) => level.name).reverse())) {
    const own = levels.find((level) => level.name === name && level.budgets !== undefined)?.budgets;
    if (own) return budgets(`profiles.${name}.budgets`, own);
    const named = byName.get(name);
    if (named) return budgets(`policy.budgets.${name}`, named);
  }
  const fallback = byName.get('default');
  return fallback
    ? budgets('policy.budgets.default', fallback)
    : budgets('built-in', { critical: 0, high: 5 });
}

function budgets(origin: string, spec: BudgetsSpec): Budgets {
  return {
    origin,
    ...scopedLimits(spec),
    ...(spec.new === undefined ? {} : { new: scopedLimits(spec.new) }),
    ...(spec.exploited === undefined ? {} : { exploited: spec.exploited }),
    ...(spec.fixable === true ? { fixable: true } : {}),
  };
}

function scopedLimits(spec: BudgetsSpec | NewLimits): ScopedLimits {
  return {
    overall: limits(spec),
    perTool: each(spec.perTool),
    perCategory: each(spec.perCategory),
    perTarget: each(spec.perTarget),
  };
}

function each(table: Readonly<Record<string, Limits>> | undefined): Record<string, BudgetLimits> {
  return Object.fromEntries(Object.entries(table ?? {}).map(([name, spec]) => [name, limits(spec)]));
}

function limits(spec: Limits): BudgetLimits {
  return Object.fromEntries(
    SEVERITIES.flatMap((severity) => (spec[severity] === undefined ? [] : [[severity, spec[severity]]])),
  );
}
