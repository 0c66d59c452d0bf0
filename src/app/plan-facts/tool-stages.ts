import { isToolStage, type Plan, type ToolStage } from '../../planner/ir/ir.ts';

/** The stages that run a scanner. */
export function toolStages(plan: Pick<Plan, 'stages'>): ToolStage[] {
  return plan.stages.filter(isToolStage);
}
