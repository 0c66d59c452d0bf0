import type { Plan, SignStage } from '../planner/ir.ts';

/** Names of the secrets that any stage of the plan needs, sorted. */
export function secretNames(plan: Plan): readonly string[] {
  const names = plan.stages.flatMap((stage) => ('secrets' in stage ? stage.secrets : []));
  return [...new Set(names)].sort();
}

/** The stage that signs the statements, where the plan has one. */
export function signStage(plan: Plan): SignStage | undefined {
  return plan.stages.find((stage): stage is SignStage => stage.kind === 'sign');
}
