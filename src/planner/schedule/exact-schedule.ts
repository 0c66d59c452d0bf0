import { fits, take } from './pick.ts';
import type { Demand, Limits, Task } from './tasks.ts';

export interface ExactSchedule {
  readonly starts: readonly number[];
  /** Whether the search was ended by itself and not by its limit: then no schedule is shorter. */
  readonly proven: boolean;
}

interface SearchBounds {
  /** Start times to improve on, for example a list schedule's. */
  readonly best: readonly number[];
  /** No schedule is shorter. */
  readonly lowerBoundMs: number;
  /** How many partial schedules to look at: counted, never timed, so that the result depends on nothing but the tasks. */
  readonly nodeLimit: number;
}

interface Running {
  readonly node: number;
  readonly task: Task;
  readonly end: number;
}

/**
 * The shortest schedule, by branch and bound over orders of start times: some shortest schedule starts each task as
 * soon as those before it in that order let it, so trying all orders that the needs allow finds one.
 * For at most 30 tasks.
 */
export function exactSchedule(
  tasks: readonly Task[],
  limits: Limits,
  { best, lowerBoundMs, nodeLimit }: SearchBounds,
): ExactSchedule {
  let bestStarts = best;
  let bestMs = makespan(tasks, best);
  let nodes = 0;
  const starts = tasks.map(() => 0);
  const ends = tasks.map(() => 0);
  const open = tasks.map(({ needs }) => needs.length);
  const placed = tasks.map(() => false);
  // Machine time that is left to place, once for each way of measuring it.
  const capacity = [limits.cpus, limits.memoryMb, 2, 2];
  const shares = tasks.map(({ demand }) => machineShares(demand, limits));
  const left = [0, 0, 0, 0];
  for (const node of tasks.keys()) leave(node, 1);
  const seen = new Map<number, (readonly number[])[]>();
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
    if (spreadOut(last, running) >= bestMs || dominated(last)) return;
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
        { node, task, end: start + task.ms },
      ]);
      place(node, task, start, -1);
    }
  }

  function place(node: number, task: Task, start: number, sign: 1 | -1): void {
    placed[node] = sign === 1;
    starts[node] = start;
    ends[node] = start + task.ms;
    leave(node, sign === 1 ? -1 : 1);
    for (const after of task.feeds) open[after] = (open[after] ?? 0) - sign;
  }

  function leave(node: number, sign: 1 | -1): void {
    for (const [way, share] of (shares[node] ?? []).entries()) {
      left[way] = (left[way] ?? 0) + sign * share * (tasks[node]?.ms ?? 0);
    }
  }

  // When all would be done if what runs and what is left filled the machine without a gap.
  function spreadOut(last: number, running: readonly Running[]): number {
    const work = [...left];
    for (const { node, end } of running) {
      for (const [way, share] of (shares[node] ?? []).entries()) {
        work[way] = (work[way] ?? 0) + Math.max(0, end - last) * share;
      }
    }
    return last + Math.max(...work.map((sum, way) => sum / (capacity[way] ?? 1)));
  }

  // Whether the same tasks were placed before with none of them ending later: what can follow is then known.
  function dominated(last: number): boolean {
    const state = [last];
    let mask = 0;
    for (const [node, end] of ends.entries()) {
      if (!placed[node]) continue;
      mask |= 1 << node;
      state.push(Math.max(end, last));
    }
    const others = seen.get(mask) ?? [];
    if (others.some((other) => other.every((end, at) => end <= (state[at] ?? 0)))) return true;
    seen.set(mask, [...others.filter((other) => !state.every((end, at) => end <= (other[at] ?? 0))), state]);
    return false;
  }

  // The longest tail first finds good schedules soon; of tasks that are alike, one stands for all.
  function candidates(
    last: number,
    running: readonly Running[],
  ): { readonly node: number; readonly start: number }[] {
    const kinds = new Set<string>();
    const found: { node: number; start: number }[] = [];
    for (const [node, task] of tasks.entries()) {
      if (placed[node] || open[node] !== 0) continue;
      const { cpus, memoryMb } = task.demand;
      const alike = [task.ms, cpus, memoryMb, task.needs.join(), task.feeds.join()].join(' ');
      if (kinds.has(alike)) continue;
      kinds.add(alike);
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

/**
 * How much of the machine a task keeps others from using, four ways: its cpus and its memory as they are, and each as
 * 2 for more than half of the machine, 1 for half and 0 for less. What fits side by side never sums to more than the
 * machine has, or than 2, so each way gives its own bound.
 */
export function machineShares({ cpus, memoryMb }: Demand, limits: Limits): readonly number[] {
  const halves = (part: number, whole: number) => (part * 2 > whole ? 2 : part * 2 === whole ? 1 : 0);
  return [cpus, memoryMb, halves(cpus, limits.cpus), halves(memoryMb, limits.memoryMb)];
}

/** When the last task ends. Milliseconds. */
export function makespan(tasks: readonly Task[], starts: readonly number[]): number {
  return tasks.reduce((latest, { ms }, node) => Math.max(latest, (starts[node] ?? 0) + ms), 0);
}
