import type { Failure } from '../../core/failure.ts';
import { globsText, type NotRun } from '../../core/not-run.ts';
import type { ToolStage } from '../../planner/ir/ir.ts';
import { compileGlobs } from '../inventory/glob.ts';
import type { InputSet, WorkspaceInventory } from '../inventory/types.ts';
import { resultBase, type StageResult } from '../stage-result.ts';

/** The result of a stage whose files are missing; undefined when there is something to look at. */
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
    const why: NotRun = { kind: 'does-not-apply', appliesIf, filesSeen: input.files.length };
    return { ...base, state: 'not-applicable', why };
  }
  if (stage.target.path === undefined) {
    const detail = `none of the files of the target ${stage.target.name} exists: ${globsText(stage.selection.include)}`;
    return { reason: 'requirement-unmet', detail };
  }
  const taken = input.excludedByManifest;
  if (taken > 0) {
    return { ...base, state: 'excluded', why: { kind: 'all-excluded', files: taken } };
  }
  const { include, limitTo = [] } = stage.selection;
  const filesSeen = inventory.files.length;
  return { ...base, state: 'not-applicable', why: { kind: 'no-file-matches', include, limitTo, filesSeen } };
}
