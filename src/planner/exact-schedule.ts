import { fits, take } from './pick.ts';
import type { Limits, Task } from './tasks.ts';

export interface ExactSchedule {
  readonly starts: readonly number[];
  /** Whether the search was ended by itself and not by its limit: then no schedule is shorter. */
  readonly proven: boolean;
}

interface Running {
  readonly task: Task;
  readonly end: number;
}

/**
 * The shortest schedule, by branch and bound over orders of start times: some shortest schedule starts each task as
 * soon as those before it in that order let it, so trying all orders that the needs allow finds one.
 * @param best start times to improve on, for example a list schedule's.
 * @param nodeLimit how many partial schedules to look at before giving up: the limit is counted, never timed, so that
 *   the result depends on nothing but the tasks.
 */
export function exactSchedule(
  tasks: readonly Task[],
  limits: Limits,
  best: readonly number[],
  lowerBoundMs: number,
  nodeLimit: number,
): ExactSchedule {
  let bestStarts = best;
  let bestMs = makespan(tasks, best);
  let nodes = 0;
  const starts = tasks.map(() => 0);
  const ends = tasks.map(() => 0);
  const open = tasks.map(({ needs }) => needs.length);
  const placed = tasks.map(() => false);
  let workLeft = tasks.reduce((sum, { ms, demand }) => sum + ms * demand.cpus, 0);
  branch(0, 0, 0, []);
  return { starts: bestStarts, proven: nodes <= nodeLimit };

  function branch(count: number, last: number, longest: number, running: readonly Running[]): void {
    nodes += 1;
    if (nodes > nodeLimit || bestMs <= lowerBoundMs) return;
    if (count === tasks.length) {
      if (longest < bestMs) {
        bestMs = longest;
        bestStarts = [...starts];
      }
      return;
    }
    const busy = running.reduce((sum, { task, end }) => sum + Math.max(0, end - last) * task.demand.cpus, 0);
    if (last + (busy + workLeft) / limits.cpus >= bestMs) return;
    const choices = candidates(last, running);
    // Whatever comes first, each candidate starts no sooner than this.
    if (choices.some(({ node, start }) => start + (tasks[node]?.tailMs ?? 0) >= bestMs)) return;
    for (const { node, start } of choices) {
      const task = tasks[node];
      if (task === undefined) continue;
      place(node, task, start, 1);
      const still = running.filter(({ end }) => end > start);
      branch(count + 1, start, Math.max(longest, start + task.ms), [
        ...still,
        { task, end: start + task.ms },
      ]);
      place(node, task, start, -1);
    }
  }

  function place(node: number, task: Task, start: number, sign: 1 | -1): void {
    placed[node] = sign === 1;
    starts[node] = start;
    ends[node] = start + task.ms;
    workLeft -= sign * task.ms * task.demand.cpus;
    for (const after of task.feeds) open[after] = (open[after] ?? 0) - sign;
  }

  // The longest tail first finds good schedules soon; of tasks that are alike, one stands for all.
  function candidates(
    last: number,
    running: readonly Running[],
  ): { readonly node: number; readonly start: number }[] {
    const seen = new Set<string>();
    const found: { node: number; start: number }[] = [];
    for (const [node, task] of tasks.entries()) {
      if (placed[node] || open[node] !== 0) continue;
      const { cpus, memoryMb } = task.demand;
      const alike = [task.ms, cpus, memoryMb, task.needs.join(), task.feeds.join()].join(' ');
      if (seen.has(alike)) continue;
      seen.add(alike);
      const ready = task.needs.reduce((latest, need) => Math.max(latest, ends[need] ?? 0), last);
      found.push({ node, start: earliest(task, ready, running) });
    }
    const tail = (node: number) => tasks[node]?.tailMs ?? 0;
    return found.sort((a, b) => a.start - b.start || tail(b.node) - tail(a.node) || a.node - b.node);
  }

  // Nothing starts after `ready` yet, so what runs only grows less: the first end that leaves room is it.
  function earliest(task: Task, ready: number, running: readonly Running[]): number {
    const used = { cpus: 0, memoryMb: 0, stages: 0 };
    const still = running.filter(({ end }) => end > ready).sort((a, b) => a.end - b.end);
    for (const { task: other } of still) take(used, other.demand);
    let start = ready;
    for (const { task: other, end } of still) {
      if (fits(used, task.demand, limits)) break;
      take(used, other.demand, -1);
      start = end;
    }
    return start;
  }
}

/** When the last task ends. Milliseconds. */
export function makespan(tasks: readonly Task[], starts: readonly number[]): number {
  return tasks.reduce((latest, { ms }, node) => Math.max(latest, (starts[node] ?? 0) + ms), 0);
}
