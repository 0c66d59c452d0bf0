import { stageFiles, stageInput } from '../../executor/engine/stage-input.ts';
import { compileGlobs } from '../../executor/inventory/glob.ts';
import type { WorkspaceInventory } from '../../executor/inventory/types.ts';
import type { StageResult } from '../../executor/stage-result.ts';
import type { Plan, ScanStage } from '../../planner/ir/ir.ts';
import type { Given } from './read-rows.ts';

/** What the scanners of a run were given: the input sets that their keys were made of. */
export async function givenFiles(
  plan: Plan,
  results: readonly StageResult[],
  inventory: WorkspaceInventory,
): Promise<readonly Given[]> {
  const states = new Map(results.map(({ stage, state }) => [stage, state]));
  const started = scanners(plan).filter(({ id }) => {
    const state = states.get(id);
    return state === 'done' || state === 'incomplete';
  });
  return Promise.all(
    started.map(async (stage) => {
      const finished = states.get(stage.id) === 'done';
      // One that failed before it was given anything is asked for names only.
      const input = finished ? await stageInput(stage, inventory) : null;
      return { stage, finished, files: input?.files ?? (finished ? [] : stageFiles(stage, inventory)) };
    }),
  );
}

/** What the scanners of a plan would be given, as if all of them finished. Reads no file. */
export function plannedFiles(plan: Plan, inventory: Pick<WorkspaceInventory, 'files'>): readonly Given[] {
  return scanners(plan).flatMap((stage) => {
    const files = stageFiles(stage, inventory);
    const { appliesIf } = stage;
    const shows = appliesIf === undefined ? undefined : compileGlobs(appliesIf);
    const applies = shows === undefined || files.some(({ path }) => shows(path));
    return applies ? [{ stage, files, finished: true }] : [];
  });
}

function scanners({ stages }: Plan): readonly ScanStage[] {
  return stages.filter((stage): stage is ScanStage => stage.kind === 'scan');
}
