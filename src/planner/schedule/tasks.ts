import type { StageId } from '../../core/ids.ts';
import { stageGraph, waves } from '../graph/graph.ts';
import { isToolStage, type Plan, type Stage } from '../ir/ir.ts';

/** What a machine gives to all running stages together. */
export interface Limits {
  readonly cpus: number;
  readonly memoryMb: number;
}

/** What one stage takes of it. */
export interface Demand {
  readonly cpus: number;
  readonly memoryMb: number;
}

/** A stage as a scheduler sees it; `needs` and `feeds` are positions in the list of tasks. */
export interface Task {
  readonly id: StageId;
  readonly ms: number;
  readonly demand: Demand;
  readonly needs: readonly number[];
  readonly feeds: readonly number[];
  /** Longest way from this task's start to the end of everything behind it, its own time included. Milliseconds. */
  readonly tailMs: number;
}

/** A stage's share of the machine: nothing for the engine's own stages, all of it for one that is larger than it. */
export function demandOf(stage: Stage, limits: Limits): Demand {
  if (!isToolStage(stage)) return { cpus: 0, memoryMb: 0 };
  const { cpus, memoryMb } = stage.resources;
  if (cpus > limits.cpus || memoryMb > limits.memoryMb)
    return { cpus: limits.cpus, memoryMb: limits.memoryMb };
  return { cpus, memoryMb };
}

/**
 * The plan's stages as tasks, by code unit of the id.
 * @param expectedMs a stage's likely time; below 0 or not a number counts as 0.
 */
export function tasksOf(plan: Plan, limits: Limits, expectedMs: (stage: Stage) => number): readonly Task[] {
  const graph = stageGraph(plan.stages);
  const byId = new Map<string, Stage>(plan.stages.map((stage) => [stage.id, stage]));
  const stages = graph.ids.flatMap((id) => byId.get(id) ?? []);
  const times = stages.map((stage) => Math.max(0, expectedMs(stage) || 0));
  const tails = [...times];
  for (const wave of [...waves(graph)].reverse()) {
    for (const node of wave) {
      let behind = 0;
      for (const after of graph.feeds[node] ?? []) behind = Math.max(behind, tails[after] ?? 0);
      tails[node] = (times[node] ?? 0) + behind;
    }
  }
  return stages.map((stage, node) => ({
    id: stage.id,
    ms: times[node] ?? 0,
    demand: demandOf(stage, limits),
    needs: graph.needs[node] ?? [],
    feeds: graph.feeds[node] ?? [],
    tailMs: tails[node] ?? 0,
  }));
}
