import type { Model } from '../../compiler/model/model.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { BASE_IMAGE, baseImage } from '../../lock/base-image.ts';
import type { ToolsLock } from '../../lock/lock-types.ts';
import type { Plan } from '../../planner/ir/ir.ts';
import type { Catalogue } from '../../stages/contract/catalogue.ts';
import { pickProvider, type ToolPlace } from '../../toolchain/provision.ts';
import type { ScanOptions } from '../contract/scan-option-types.ts';
import { toolStages } from '../plan-facts/tool-stages.ts';

/** A plan, the lock that pins its tools, and where they run. */
export interface PinnedPlan {
  readonly plan: Plan;
  readonly lock: ToolsLock;
  readonly runtime: Model['runtime'];
  readonly catalogue: Catalogue;
}

/** Images of a run on an engine that are named by tag: a warning (SP5101), and under `--locked` an error (SP4002). */
export function imagePins(
  { plan, lock, runtime, catalogue }: PinnedPlan,
  { locked }: Pick<ScanOptions, 'locked'>,
  env: Readonly<Record<string, string | undefined>>,
  place: ToolPlace,
): Diagnostic[] {
  if (runtime !== 'dagger') return [];
  const picked = toolStages(plan).flatMap((stage) => {
    const provider = pickProvider(stage, place);
    return provider === undefined ? [] : [{ tool: stage.definition, provider }];
  });
  const found: Diagnostic[] = [];
  const base = baseImage(lock, env);
  if (!base.pinned && picked.some(({ provider }) => provider.provider.kind !== 'image')) {
    found.push(unpinned(base.image, `Pin it: secplan tools lock ${BASE_IMAGE}.`, locked));
  }
  for (const { tool, provider } of picked) {
    if (provider.provider.kind !== 'image' || provider.digest !== null) continue;
    const how = catalogue.get(tool)?.userDefined
      ? 'Name it as IMAGE@sha256:….'
      : `Pin it: secplan tools lock ${tool} --images.`;
    found.push(unpinned(`${provider.provider.package}:${provider.version}`, how, locked));
  }
  return found.filter((item, index) => found.findIndex(({ summary }) => summary === item.summary) === index);
}

function unpinned(image: string, help: string, locked: boolean): Diagnostic {
  const code = locked ? 'SP4002' : 'SP5101';
  return diagnostic(code, `the image ${image} is not pinned by its digest`, { help });
}
