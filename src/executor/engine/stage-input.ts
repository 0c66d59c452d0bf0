import type { ToolStage } from '../../planner/ir/ir.ts';
import { type InputRequest, matchInput, selectInput } from '../inventory/select-input.ts';
import type { InputSet, InventoryFile, WorkspaceInventory } from '../inventory/types.ts';

/** The input of a stage whose target has no files. */
export const NO_FILES: Pick<InputSet, 'files' | 'excludedByManifest'> & { readonly digest: null } = {
  files: [],
  excludedByManifest: 0,
  digest: null,
};

/** What a stage reads of the workspace. */
export type StageInput = InputSet | typeof NO_FILES;

/** The files that a stage reads; null where its target has none. */
export async function stageInput(stage: Selecting, inventory: WorkspaceInventory): Promise<InputSet | null> {
  return stage.selection.include.length === 0 ? null : selectInput(inventory, requestOf(stage));
}

/** The same by their names alone, without reading one. */
export function stageFiles(
  stage: Selecting,
  inventory: Pick<WorkspaceInventory, 'files'>,
): readonly InventoryFile[] {
  return stage.selection.include.length === 0 ? [] : matchInput(inventory, requestOf(stage)).files;
}

type Selecting = Pick<ToolStage, 'selection' | 'excludedByManifest' | 'target'>;

function requestOf({ selection, excludedByManifest, target }: Selecting): InputRequest {
  return {
    selection,
    excludedByManifest,
    ...(target.path === undefined ? {} : { targetPath: target.path }),
    ...(target.kind === 'source' ? {} : { named: true }),
  };
}
