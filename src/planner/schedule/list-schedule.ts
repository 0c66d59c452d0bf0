import { Heap } from './heap.ts';
import { fits, take } from './pick.ts';
import type { Limits, Task } from './tasks.ts';

/**
 * Start times by list scheduling: whenever something ends, start what is ready and fits, the longest remaining path
 * first. Never idle while something could run, hence within Graham's bound.
 */
export function listSchedule(tasks: readonly Task[], limits: Limits): readonly number[] {
  const starts = tasks.map(() => 0);
  const open = tasks.map(({ needs }) => needs.length);
  const tail = (node: number) => tasks[node]?.tailMs ?? 0;
  const ready = new Heap<number>((a, b) => tail(b) - tail(a) || a - b);
  const running = new Heap<{ readonly node: number; readonly end: number }>(
    (a, b) => a.end - b.end || a.node - b.node,
  );
  const used = { cpus: 0, memoryMb: 0, stages: 0 };
  for (const [node, count] of open.entries()) if (count === 0) ready.push(node);
  let now = 0;
  while (ready.size > 0 || running.size > 0) {
    startWhatFits();
    const first = running.pop();
    if (first === undefined) break;
    now = first.end;
    finish(first.node);
    while (running.peek()?.end === now) finish(running.pop()?.node ?? 0);
  }
  return starts;

  function startWhatFits(): void {
    const held: number[] = [];
    for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
      const task = tasks[node];
      if (task === undefined) continue;
      if (fits(used, task.demand, limits)) {
        take(used, task.demand);
        starts[node] = now;
        running.push({ node, end: now + task.ms });
      } else held.push(node);
      // A full machine takes nothing more but the engine's own stages, which run when all others are done.
      if (used.cpus >= limits.cpus || used.memoryMb >= limits.memoryMb) break;
    }
    for (const node of held) ready.push(node);
  }

  function finish(node: number): void {
    const task = tasks[node];
    if (task === undefined) return;
    take(used, task.demand, -1);
    for (const after of task.feeds) {
      const left = (open[after] ?? 0) - 1;
      open[after] = left;
      if (left === 0) ready.push(after);
    }
  }
}
