import type { Failure } from '../../core/failure.ts';
import type { ArtifactId, Digest, StageId } from '../../core/ids.ts';
import type { NotRun } from '../../core/not-run.ts';
import type { ToolStage } from '../../planner/ir/ir.ts';
import { resultBase, type StageResult } from '../stage-result.ts';

/** What a run's stages left so far. */
interface Finished {
  /** The stage that leaves each artifact. */
  readonly producers: ReadonlyMap<ArtifactId, StageId>;
  readonly results: ReadonlyMap<StageId, StageResult>;
  readonly artifacts: ReadonlyMap<ArtifactId, Digest>;
}

/** The result of a stage that lacks an input, whose needs are all finished; undefined when it lacks none. */
export function blockedBy(stage: ToolStage, finished: Finished, now: number): StageResult | undefined {
  const { producers, results, artifacts } = finished;
  for (const input of stage.inputs) {
    if (artifacts.has(input.id)) continue;
    const producer = producers.get(input.id);
    const result = producer === undefined ? undefined : results.get(producer);
    if (result !== undefined && 'why' in result) {
      const { state, stage: needed, why: because } = result;
      const why: NotRun = { kind: 'input-not-made', input: input.name, producer: needed, because };
      return { ...resultBase(stage), state, why };
    }
    const failure = {
      reason: 'input-missing',
      artifact: input.name,
      producer: producer ?? input.id,
    } as const;
    return incomplete(stage, failure, now);
  }
  return undefined;
}

/** A result for a stage that could not start or, with what it left, whose result is not to be believed. */
export function incomplete(stage: ToolStage, failure: Failure, now: number, left?: StageResult): StageResult {
  const nothing = { queue: 0, hash: 0, provision: 0, sandbox: 0, tool: 0, parse: 0, write: 0 };
  return {
    ...resultBase(stage),
    state: 'incomplete',
    failure,
    toolUsed: left !== undefined && 'toolUsed' in left ? left.toolUsed : null,
    artifacts: left !== undefined && 'artifacts' in left ? left.artifacts : [],
    timings:
      left !== undefined && 'timings' in left ? left.timings : { ...nothing, startedAt: now, endedAt: now },
  };
}
