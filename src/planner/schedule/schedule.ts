import { byCodeUnit } from '../../core/canonical.ts';
import type { StageId } from '../../core/ids.ts';
import type { Plan, Stage } from '../ir/ir.ts';
import { exactSchedule, machineShares, makespan } from './exact-schedule.ts';
import { listSchedule } from './list-schedule.ts';
import { type Limits, type Task, tasksOf } from './tasks.ts';

export { pick } from './pick.ts';
export { demandOf } from './tasks.ts';

export interface ScheduleOptions extends Limits {
  /** A stage's likely time in milliseconds: measured before, else its definition's prior. */
  readonly expectedMs: (stage: Stage) => number;
}

export interface Slot {
  readonly stage: StageId;
  readonly startMs: number;
  readonly endMs: number;
}

export interface Schedule {
  /** By start, then by code unit of the id. */
  readonly slots: readonly Slot[];
  readonly makespanMs: number;
  /** No schedule can be shorter: the longest of the critical path and the work spread over the machine. */
  readonly lowerBoundMs: number;
  /** The longest chain of needs, first to last. */
  readonly criticalPath: readonly StageId[];
  /** Whether no schedule is shorter: always for plans of 12 scanners or fewer, but for the search's limit. */
  readonly optimal: boolean;
}

const EXACT_UP_TO = 12;
const NODE_LIMIT = 200_000;

/** When each stage would run on a machine of this size. Depends on nothing but its arguments. */
export function schedule(plan: Plan, options: ScheduleOptions): Schedule {
  const tasks = tasksOf(plan, options, options.expectedMs);
  const lowerBoundMs = lowerBound(tasks, options);
  let starts = listSchedule(tasks, options);
  let optimal = makespan(tasks, starts) <= lowerBoundMs;
  if (!optimal && tasks.filter(({ demand }) => demand.cpus > 0).length <= EXACT_UP_TO) {
    const exact = exactSchedule(tasks, options, { best: starts, lowerBoundMs, nodeLimit: NODE_LIMIT });
    starts = exact.starts;
    optimal = exact.proven;
  }
  const slots = tasks.map(({ id, ms }, node): Slot => {
    const startMs = starts[node] ?? 0;
    return { stage: id, startMs, endMs: startMs + ms };
  });
  return {
    slots: slots.sort((a, b) => a.startMs - b.startMs || byCodeUnit(a.stage, b.stage)),
    makespanMs: makespan(tasks, starts),
    lowerBoundMs,
    criticalPath: criticalPath(tasks),
    optimal,
  };
}

/**
 * The order in which ready stages should start, for an executor that does not know how long each will really take:
 * the longest remaining path, in milliseconds. Higher goes first.
 */
export function priorities(plan: Plan, expectedMs: (stage: Stage) => number): ReadonlyMap<StageId, number> {
  const unlimited = { cpus: Number.POSITIVE_INFINITY, memoryMb: Number.POSITIVE_INFINITY };
  return new Map(tasksOf(plan, unlimited, expectedMs).map(({ id, tailMs }) => [id, tailMs]));
}

function lowerBound(tasks: readonly Task[], limits: Limits): number {
  let path = 0;
  const work = [0, 0, 0, 0];
  for (const { ms, demand, tailMs } of tasks) {
    path = Math.max(path, tailMs);
    for (const [way, share] of machineShares(demand, limits).entries())
      work[way] = (work[way] ?? 0) + ms * share;
  }
  const capacity = [limits.cpus, limits.memoryMb, 2, 2];
  return Math.max(path, ...work.map((sum, way) => sum / (capacity[way] ?? 1)));
}

function criticalPath(tasks: readonly Task[]): readonly StageId[] {
  const path: StageId[] = [];
  let choices: readonly number[] = [...tasks.keys()].filter((node) => tasks[node]?.needs.length === 0);
  while (choices.length > 0) {
    const longest = choices.reduce((a, b) => ((tasks[b]?.tailMs ?? 0) > (tasks[a]?.tailMs ?? 0) ? b : a));
    const task = tasks[longest];
    if (task === undefined) break;
    path.push(task.id);
    choices = task.feeds;
  }
  return path;
}
