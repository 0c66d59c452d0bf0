import type { RemoteCacheSpec } from '../../compiler/model/remote-cache-model.ts';
import type { Digest } from '../../core/ids.ts';
import type { DeliverStage, NotifyStage, Plan, SignStage } from '../../planner/ir/ir.ts';

/** Names of the secrets that any stage of the plan, or its shared cache, needs, sorted. */
export function secretNames(plan: Plan): readonly string[] {
  const names = [
    ...plan.stages.flatMap((stage) => ('secrets' in stage ? stage.secrets : [])),
    ...cacheSecretNames(plan.remoteCache),
  ];
  return [...new Set(names)].sort();
}

/** Those of them that a run cannot do without: more than optional receivers and a shared cache need them. Sorted. */
export function requiredSecretNames(plan: Plan): readonly string[] {
  const names = plan.stages.flatMap((stage) =>
    'secrets' in stage && !('optional' in stage && stage.optional) ? stage.secrets : [],
  );
  return [...new Set(names)].sort();
}

/** Files of the workspace that a stage starts, sources or imports, by path, with their digests. */
export function programDigests(stage: Plan['stages'][number]): readonly (readonly [string, Digest])[] {
  return [
    ...Object.entries('scripts' in stage ? (stage.scripts ?? {}) : {}),
    ...Object.entries('helpers' in stage ? (stage.helpers ?? {}) : {}),
  ];
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

/** Names of the secrets that a shared cache needs: to reach it, and to sign what is put there. */
export function cacheSecretNames(cache: RemoteCacheSpec | undefined): readonly string[] {
  if (cache === undefined) return [];
  return [...storeSecretNames(cache.store), cache.sign?.key, cache.sign?.password].filter(
    (name) => name !== undefined,
  );
}

/** Those of them without which it cannot even be read. */
export function storeSecretNames(store: RemoteCacheSpec['store']): readonly string[] {
  switch (store.type) {
    case 's3':
      return [
        store.accessKey,
        store.secretKey,
        ...(store.sessionToken === undefined ? [] : [store.sessionToken]),
      ];
    case 'http':
      return store.token === undefined ? [] : [store.token];
    case 'folder':
      return [];
  }
}

/** Names that every document of a run repeats: of its stages, tools and targets. */
export function planNames(plan: Plan): readonly string[] {
  const names = plan.stages.flatMap((stage) =>
    'tool' in stage
      ? [stage.id, stage.tool, stage.definition, stage.category, stage.target.name]
      : [stage.id],
  );
  return [...new Set([...names, ...plan.notPlanned.map(({ tool }) => tool), plan.profile, plan.name])];
}
