import type { Model } from '../../compiler/model/model.ts';
import type { Plan } from '../../planner/ir/ir.ts';
import { catalogue } from '../../stages/catalogue.gen.ts';
import type { MachineView } from '../../toolchain/provider-state.ts';
import { usableProviders } from '../../toolchain/provision.ts';
import { openStore, toolsDir } from '../../toolchain/shared/store.ts';
import { checkTool } from '../../toolchain/tool-check.ts';
import { toolStages } from '../plan-facts/tool-stages.ts';
import { placeOf } from '../runtime/place-of.ts';

export interface UnavailableTool {
  readonly tool: string;
  readonly detail: string;
  /** Every way out that this machine has. */
  readonly fix: string;
}

/**
 * Planned scanners that nothing pinned brings here, and PATH neither. A quick look: no installer is looked for, so that one
 * which an installer is missing for is not among them; `secplan doctor` looks at those, too.
 */
export async function unavailableTools(
  plan: Plan,
  view: Omit<MachineView, 'store'>,
  runtime: Model['runtime'],
): Promise<readonly UnavailableTool[]> {
  const place = placeOf(runtime);
  const machine = {
    ...view,
    store: openStore(toolsDir(view.env)),
    entryOf: (definition: string) => catalogue.get(definition),
  };
  const unpinned = toolStages(plan).filter((stage) =>
    usableProviders(stage, place).every(({ provider }) => provider.kind === 'path'),
  );
  const found = new Map<string, UnavailableTool>();
  for (const stage of unpinned) {
    const { ok, detail, fix } = await checkTool(stage, machine, place);
    if (!ok) found.set(stage.tool, { tool: stage.tool, detail, fix });
  }
  return [...found.values()];
}
