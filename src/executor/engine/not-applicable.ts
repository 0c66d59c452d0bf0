import type { Failure } from '../../core/failure.ts';
import type { ToolStage } from '../../planner/ir/ir.ts';
import { compileGlobs } from '../inventory/glob.ts';
import type { InputSet, WorkspaceInventory } from '../inventory/types.ts';
import { resultBase, type StageResult } from '../stage-result.ts';

/** What becomes of a stage whose files are not there; undefined when there is something to look at. */
export function notApplicable(
  stage: ToolStage,
  input: InputSet,
  inventory: Pick<WorkspaceInventory, 'files'>,
): StageResult | Failure | undefined {
  // A script that a custom stage brings along is nothing to look at.
  const scripts = stage.scripts ?? {};
  const base = resultBase(stage);
  if (input.files.some(({ path }) => !Object.hasOwn(scripts, path))) {
    const { appliesIf } = stage;
    if (appliesIf === undefined || input.files.some(({ path }) => compileGlobs(appliesIf)(path)))
      return undefined;
    const evidence = `no file matches ${listed(appliesIf)} (${input.files.length} readable files seen)`;
    return { ...base, state: 'not-applicable', evidence };
  }
  if (stage.target.path === undefined) {
    const detail = `none of the files of the target ${stage.target.name} exists: ${listed(stage.selection.include)}`;
    return { reason: 'requirement-unmet', detail };
  }
  const taken = input.excludedByManifest;
  if (taken > 0) {
    const evidence = `${taken} matching ${taken === 1 ? 'file' : 'files'}, all excluded by the manifest`;
    return { ...base, state: 'excluded', evidence };
  }
  const { include, limitTo = [] } = stage.selection;
  const globs = [listed(include), ...(limitTo.length > 0 ? [`limited to ${listed(limitTo)}`] : [])].join(' ');
  const evidence = `no file matches ${globs} (${inventory.files.length} files seen)`;
  return { ...base, state: 'not-applicable', evidence };
}

function listed(globs: readonly string[]): string {
  const shown = globs.slice(0, 3).join(', ');
  return globs.length > 3 ? `${shown} and ${globs.length - 3} more` : shown;
}
