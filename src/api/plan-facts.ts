import type { DeliverStage, NotifyStage, Plan, SignStage } from '../planner/ir.ts';

/** Names of the secrets that any stage of the plan needs, sorted. */
export function secretNames(plan: Plan): readonly string[] {
  const names = plan.stages.flatMap((stage) => ('secrets' in stage ? stage.secrets : []));
  return [...new Set(names)].sort();
}

/** Those of them that a run cannot do without: more than optional receivers need them. Sorted. */
export function requiredSecretNames(plan: Plan): readonly string[] {
  const names = plan.stages.flatMap((stage) =>
    'secrets' in stage && !('optional' in stage && stage.optional) ? stage.secrets : [],
  );
  return [...new Set(names)].sort();
}

/** The stages that a sealed bundle is handed on by: deliveries first, then notifications. */
export function receiverStages(plan: Plan): readonly (DeliverStage | NotifyStage)[] {
  return [
    ...plan.stages.filter((stage): stage is DeliverStage => stage.kind === 'deliver'),
    ...plan.stages.filter((stage): stage is NotifyStage => stage.kind === 'notify'),
  ];
}

/** The stage that signs the statements, where the plan has one. */
export function signStage(plan: Plan): SignStage | undefined {
  return plan.stages.find((stage): stage is SignStage => stage.kind === 'sign');
}
