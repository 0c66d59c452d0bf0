import type { DisabledTool, ModelTarget } from '../../compiler/model/model.ts';
import { byCodeUnit } from '../../core/canonical.ts';
import { planDigestOf } from '../ir/canonical-plan.ts';
import type { Plan, Stage } from '../ir/ir.ts';
import { globsBelow } from '../ir/select-files.ts';
import type { Draft, PlanContext } from './draft.ts';

/** Turns a checked draft into the plan: everything sorted, and sealed with its digest. */
export function finish(draft: Draft, context: PlanContext): Plan {
  const { model } = draft;
  const stages: Stage[] = [...draft.tools.map(({ stage }) => stage), ...draft.services, ...draft.closing];
  const pointers = new Map(model.stack?.services.map((service) => [service.name, service.pointer]));
  const origins = [
    ...draft.tools.map(({ stage, tool }) => [stage.id as string, tool.pointer] as const),
    ...[...(model.deliveries ?? []), ...(model.notifications ?? [])].map(
      ({ id, pointer }) => [id, pointer] as const,
    ),
    ...draft.services.map(({ id, service }) => [id as string, pointers.get(service) ?? ''] as const),
  ].filter(([, pointer]) => pointer !== '');
  const source = model.targets.filter(({ kind }) => kind === 'source');
  const unsealed = {
    schema: 'https://secplan.dev/schema/plan/v1',
    secplan: context.secplanVersion,
    profile: model.profile,
    name: model.name,
    ...(draft.stack === undefined ? {} : { stack: draft.stack }),
    stages: stages.sort((a, b) => byCodeUnit(a.id, b.id)),
    policy: { ...model.policy, coverageRequire: [...new Set(model.policy.coverageRequire)].sort(byCodeUnit) },
    notPlanned: [...draft.notPlanned].sort(byTool),
    sourceExclude: [...new Set(source.flatMap(({ path, exclude }) => globsBelow(path, exclude)))].sort(
      byCodeUnit,
    ),
    ...sourceOnly(source),
    ...(model.sandbox ? {} : { sandbox: 'off' as const }),
    ...(model.cache.remote === undefined ? {} : { remoteCache: model.cache.remote }),
    ...(context.ownPins === undefined || context.ownPins.length === 0 ? {} : { ownPins: context.ownPins }),
    labels: model.labels,
    origins: Object.fromEntries(origins),
  } as const;
  return { ...unsealed, planDigest: planDigestOf(unsealed) };
}

/** What the source target takes, where that is not the whole workspace. */
function sourceOnly(source: readonly ModelTarget[]): Pick<Plan, 'sourceOnly'> {
  const all = (target: ModelTarget) =>
    globsBelow(target.path, target.include.length === 0 ? ['**'] : target.include);
  const taken = [...new Set(source.flatMap(all))].sort(byCodeUnit);
  return taken.length === 0 || taken.includes('**') ? {} : { sourceOnly: taken };
}

function byTool(a: DisabledTool, b: DisabledTool): number {
  return byCodeUnit(a.tool, b.tool) || byCodeUnit(a.state, b.state) || byCodeUnit(a.text, b.text);
}
