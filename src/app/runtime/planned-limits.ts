import type { Model } from '../../compiler/model/model.ts';
import { neverEnforced } from '../../executor/runtimes/dagger/not-enforced.ts';
import type { Plan } from '../../planner/ir/ir.ts';
import { toolStages } from '../plan-facts/tool-stages.ts';

/** Limits that the chosen runtime is known not to enforce for this plan, before anything runs. What this machine lacks is seen only then. */
export function plannedLimits({ runtime }: Pick<Model, 'runtime'>, plan: Plan): readonly string[] {
  return runtime === 'dagger' ? neverEnforced(toolStages(plan)) : [];
}
