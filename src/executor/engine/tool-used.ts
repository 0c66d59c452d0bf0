import type { ToolStage } from '../../planner/ir/ir.ts';
import type { CatalogueEntry } from '../../stages/contract/catalogue.ts';
import { isOwnScript } from '../../stages/contract/own-script.ts';
import type { ReadyTool } from '../ports.ts';
import type { ToolUsed } from '../stage-result.ts';

/**
 * A stage of the user's own goes by its own name; the version of what starts it says nothing of it. Nor does it of a script of
 * secplan's, which is known by what ships with it: the machine's Node would make it another tool on every machine.
 */
export function toolUsed(stage: ToolStage, entry: CatalogueEntry, tool: ReadyTool): ToolUsed {
  const { provider } = tool.provider;
  const own = stage.definition !== stage.tool;
  const script = isOwnScript(provider) ? Object.values(stage.assets)[0] : undefined;
  return {
    name: own ? stage.tool : (provider.standsInAs ?? entry.tool.name),
    version: own || script !== undefined ? null : tool.version,
    digest: script?.digest ?? tool.digest,
    provider: provider.name,
    pinned: tool.pinned,
    thirdParty: provider.thirdParty ?? null,
  };
}
