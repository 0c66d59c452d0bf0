import type { ToolStage } from '../../planner/ir/ir.ts';
import { selectInput } from '../inventory/select-input.ts';
import type { InputSet, WorkspaceInventory } from '../inventory/types.ts';

/** The input of a stage whose target has no files. */
export const NO_FILES: Pick<InputSet, 'files' | 'excludedByManifest'> & { readonly digest: null } = {
  files: [],
  excludedByManifest: 0,
  digest: null,
};

/** What a stage reads of the workspace. */
export type StageInput = InputSet | typeof NO_FILES;

/** The files that a stage reads; null where its target has none. */
export async function stageInput(
  { selection, excludedByManifest, target }: Pick<ToolStage, 'selection' | 'excludedByManifest' | 'target'>,
  inventory: WorkspaceInventory,
): Promise<InputSet | null> {
  if (selection.include.length === 0) return null;
  return selectInput(inventory, {
    selection,
    excludedByManifest,
    ...(target.path === undefined ? {} : { targetPath: target.path }),
    ...(target.kind === 'source' ? {} : { named: true }),
  });
}
