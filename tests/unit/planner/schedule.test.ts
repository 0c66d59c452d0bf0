import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StageId } from '../../../src/core/ids.ts';
import type { Plan, Stage } from '../../../src/planner/ir/ir.ts';
import { listSchedule } from '../../../src/planner/schedule/list-schedule.ts';
import {
  demandOf,
  pick,
  priorities,
  type Schedule,
  schedule,
} from '../../../src/planner/schedule/schedule.ts';
import { tasksOf } from '../../../src/planner/schedule/tasks.ts';
import { context, custom, customTool, model, planned } from '../../support/planner-rig.ts';

interface Job {
  readonly ms: number;
  readonly cpus: number;
  readonly memoryMb: number;
  readonly needs: readonly number[];
}

const name = (index: number) => `s${String(index).padStart(2, '0')}`;

function planOf(jobs: readonly Job[]): Plan {
  const tools = jobs.map(({ cpus, memoryMb, needs, ms }, index) =>
    customTool(name(index), needs.map(name), { resources: { cpus, memoryMb }, timeoutMs: ms }),
  );
  return planned(model(tools), context([custom]));
}

// Timeouts carry the job's time through the plan; the engine's own stages take none.
const expectedMs = (stage: Stage) => ('timeoutMs' in stage ? stage.timeoutMs : 0);

const jobs = (max: number, largest = 3): fc.Arbitrary<readonly Job[]> =>
  fc
    .array(
      fc.record({
        ms: fc.integer({ min: 1, max: 6 }),
        cpus: fc.integer({ min: 1, max: largest }),
        memoryMb: fc.constantFrom(1, 2, 3, 6),
        from: fc.array(fc.nat(1000), { maxLength: 2 }),
      }),
      { minLength: 1, maxLength: max },
    )
    .map((list) =>
      list.map(({ from, ...job }, index) => ({
        ...job,
        needs: index === 0 ? [] : [...new Set(from.map((at) => at % (index * 2)).filter((at) => at < index))],
      })),
    );

/** Every rule that a schedule must keep, checked on a grid of whole milliseconds. */
function check(plan: Plan, made: Schedule, limits: { cpus: number; memoryMb: number }): void {
  const at = new Map(made.slots.map((slot) => [slot.stage, slot]));
  expect(at.size).toBe(plan.stages.length);
  for (const stage of plan.stages) {
    const slot = at.get(stage.id)!;
    expect(slot.endMs - slot.startMs).toBe(expectedMs(stage));
    for (const need of stage.needs) expect(at.get(need)!.endMs).toBeLessThanOrEqual(slot.startMs);
  }
  for (let time = 0; time < made.makespanMs; time += 1) {
    const running = plan.stages.filter((stage) => {
      const { startMs, endMs } = at.get(stage.id)!;
      return startMs <= time && time < endMs;
    });
    const oversized = running.filter(
      (stage) =>
        'resources' in stage &&
        (stage.resources.cpus > limits.cpus || stage.resources.memoryMb > limits.memoryMb),
    );
    if (oversized.length > 0) expect(running).toHaveLength(1);
    const sum = (member: 'cpus' | 'memoryMb') =>
      running.reduce((total, stage) => total + demandOf(stage, limits)[member], 0);
    expect(sum('cpus')).toBeLessThanOrEqual(limits.cpus);
    expect(sum('memoryMb')).toBeLessThanOrEqual(limits.memoryMb);
  }
  expect(made.makespanMs).toBeGreaterThanOrEqual(made.lowerBoundMs);
}

/** The shortest makespan, by trying every order on a grid: shares no code with the scheduler. */
function bruteForce(list: readonly Job[], cpus: number, memoryMb: number): number {
  const horizon = list.reduce((sum, { ms }) => sum + ms, 0);
  const clamped = list.map((job) =>
    job.cpus > cpus || job.memoryMb > memoryMb ? { ...job, cpus, memoryMb } : job,
  );
  let best = horizon;
  const grid = Array.from({ length: horizon + 8 }, () => ({ cpus: 0, memoryMb: 0 }));
  const ends = new Map<number, number>();
  const visit = (longest: number): void => {
    if (longest >= best && ends.size < list.length) return;
    if (ends.size === list.length) best = Math.min(best, longest);
    for (const [index, job] of clamped.entries()) {
      if (ends.has(index) || job.needs.some((need) => !ends.has(need))) continue;
      let start = Math.max(0, ...job.needs.map((need) => ends.get(need)!));
      const room = (time: number) =>
        grid[time]!.cpus + job.cpus <= cpus && grid[time]!.memoryMb + job.memoryMb <= memoryMb;
      const span = () => Array.from({ length: job.ms }, (_, offset) => start + offset);
      while (!span().every((time) => time < grid.length && room(time))) start += 1;
      const book = (sign: number) => {
        for (const time of span()) {
          grid[time]!.cpus += sign * job.cpus;
          grid[time]!.memoryMb += sign * job.memoryMb;
        }
      };
      book(1);
      ends.set(index, start + job.ms);
      visit(Math.max(longest, start + job.ms));
      ends.delete(index);
      book(-1);
    }
  };
  visit(0);
  return best;
}

describe('schedule', () => {
  it('keeps needs and limits, for any plan and machine', () => {
    const machine = fc.record({
      cpus: fc.integer({ min: 1, max: 4 }),
      memoryMb: fc.integer({ min: 2, max: 8 }),
    });
    fc.assert(
      fc.property(jobs(25, 6), machine, (list, limits) => {
        const plan = planOf(list);
        check(plan, schedule(plan, { ...limits, expectedMs }), limits);
      }),
      { numRuns: 300 },
    );
  });

  it('stays within Graham’s bound: (work + (m - 1) x critical path) / m, list scheduling alone', () => {
    fc.assert(
      fc.property(jobs(40, 1), fc.integer({ min: 1, max: 5 }), (list, cpus) => {
        const limits = { cpus, memoryMb: 1000 };
        const tasks = tasksOf(planOf(list), limits, expectedMs);
        const starts = listSchedule(tasks, limits);
        const end = Math.max(...tasks.map(({ ms }, node) => starts[node]! + ms));
        const path = Math.max(...tasks.map(({ tailMs }) => tailMs));
        const work = tasks.reduce((sum, { ms }) => sum + ms, 0);
        expect(end).toBeLessThanOrEqual((work + (cpus - 1) * path) / cpus + 1e-9);
      }),
      { numRuns: 500 },
    );
  });

  it('stays within the bound for stages of several cpus and memory', () => {
    fc.assert(
      fc.property(jobs(30, 4), (list) => {
        const limits = { cpus: 4, memoryMb: 8 };
        const tasks = tasksOf(planOf(list), limits, expectedMs);
        const starts = listSchedule(tasks, limits);
        const end = Math.max(...tasks.map(({ ms }, node) => starts[node]! + ms));
        const path = Math.max(...tasks.map(({ tailMs }) => tailMs));
        const most = (member: 'cpus' | 'memoryMb') => Math.max(...tasks.map(({ demand }) => demand[member]));
        const work = (member: 'cpus' | 'memoryMb') =>
          tasks.reduce((sum, { ms, demand }) => sum + ms * demand[member], 0);
        // A waiting stage finds more than limit - most taken, in one resource or the other, or a chain moves on.
        const held = work('cpus') / (4 - most('cpus') + 1) + work('memoryMb') / (8 - most('memoryMb') + 1);
        expect(end).toBeLessThanOrEqual(path + held + 1e-9);
      }),
      { numRuns: 500 },
    );
  });

  it('equals the optimum of a brute force over all orders', () => {
    let improved = 0;
    fc.assert(
      fc.property(jobs(7), (list) => {
        const limits = { cpus: 3, memoryMb: 6 };
        const plan = planOf(list);
        const made = schedule(plan, { ...limits, expectedMs });
        expect(made.optimal).toBe(true);
        expect(made.makespanMs).toBe(bruteForce(list, 3, 6));
        const tasks = tasksOf(plan, limits, expectedMs);
        const starts = listSchedule(tasks, limits);
        if (Math.max(...tasks.map(({ ms }, node) => starts[node]! + ms)) > made.makespanMs) improved += 1;
      }),
      { numRuns: 400, seed: 3 },
    );
    // The search earns its place: the list schedule alone is not always the optimum.
    expect(improved).toBeGreaterThan(0);
  });

  it('finds the optimum where the longest path first does not', () => {
    // Two machines; longest first packs 3+2+2 beside 3+2, the optimum 3+3 beside 2+2+2.
    const made = schedule(planOf([3, 3, 2, 2, 2].map((ms) => ({ ms, cpus: 1, memoryMb: 1, needs: [] }))), {
      cpus: 2,
      memoryMb: 100,
      expectedMs,
    });
    expect(made).toMatchObject({ makespanMs: 6, lowerBoundMs: 6, optimal: true });
  });

  it('proves the optimum of nearly every plan of 12 scanners within its limit', () => {
    const runs = fc.sample(
      jobs(12).filter((list) => list.length === 12),
      { numRuns: 100, seed: 7 },
    );
    const proven = runs.filter(
      (list) => schedule(planOf(list), { cpus: 4, memoryMb: 12, expectedMs }).optimal,
    );
    expect(proven.length).toBeGreaterThanOrEqual(95);
  });

  it('runs a stage that is larger than the machine alone and ends', () => {
    const list = [
      { ms: 4, cpus: 64, memoryMb: 1, needs: [] },
      { ms: 2, cpus: 1, memoryMb: 99_999, needs: [] },
      { ms: 3, cpus: 1, memoryMb: 1, needs: [] },
      { ms: 3, cpus: 1, memoryMb: 1, needs: [] },
    ];
    const made = schedule(planOf(list), { cpus: 2, memoryMb: 100, expectedMs });
    expect(made.makespanMs).toBe(9);
  });

  it('names the critical path and gives equal schedules for equal plans', () => {
    const list = [
      { ms: 1, cpus: 1, memoryMb: 1, needs: [] },
      { ms: 5, cpus: 1, memoryMb: 1, needs: [0] },
      { ms: 2, cpus: 1, memoryMb: 1, needs: [0] },
      { ms: 4, cpus: 1, memoryMb: 1, needs: [2] },
    ];
    const made = schedule(planOf(list), { cpus: 8, memoryMb: 100, expectedMs });
    expect(made.criticalPath).toEqual(['s00', 's02', 's03', 'aggregate', 'gate', 'report', 'attest']);
    expect(made).toEqual(schedule(planOf(list), { cpus: 8, memoryMb: 100, expectedMs }));
    expect(made.makespanMs).toBe(7);
  });

  it('takes an expected time that is no number as none', () => {
    const plan = planOf([{ ms: 1, cpus: 1, memoryMb: 1, needs: [] }]);
    expect(schedule(plan, { cpus: 1, memoryMb: 1, expectedMs: () => Number.NaN }).makespanMs).toBe(0);
  });

  it('schedules 20,000 stages in one go', () => {
    const list = Array.from({ length: 20_000 }, (_, index) => ({
      ms: 1 + (index % 5),
      cpus: 1,
      memoryMb: 1,
      needs: index < 8 ? [] : [index - 8],
    }));
    const tools = list.map(({ ms, needs }, index) =>
      customTool(
        `s${index}`,
        needs.map((need) => `s${need}`),
        { timeoutMs: ms },
      ),
    );
    const plan = planned(model(tools), context([custom]));
    const made = schedule(plan, { cpus: 4, memoryMb: 4096, expectedMs });
    expect(made.slots).toHaveLength(20_004);
  });
});

describe('pick', () => {
  const limits = { cpus: 2, memoryMb: 100 };
  const ready = (id: string, priority: number, cpus: number, memoryMb = 1) => ({
    id: id as StageId,
    priority,
    demand: { cpus, memoryMb },
  });

  it('starts the highest first and fills up with what fits', () => {
    expect(pick([ready('a', 1, 1), ready('b', 9, 1), ready('c', 5, 2)], [], limits)).toEqual(['b', 'a']);
    expect(
      pick([ready('a', 1, 1), ready('b', 1, 1)], [{ demand: { cpus: 1, memoryMb: 1 } }], limits),
    ).toEqual(['a']);
    expect(pick([ready('a', 1, 1, 60)], [{ demand: { cpus: 1, memoryMb: 60 } }], limits)).toEqual([]);
  });

  it('lets shares that are fractions add up to the whole', () => {
    const tenth = { demand: { cpus: 0.1, memoryMb: 1 } };
    expect(
      pick(
        [ready('a', 1, 0.1)],
        Array.from({ length: 9 }, () => tenth),
        { cpus: 1, memoryMb: 100 },
      ),
    ).toEqual(['a']);
  });

  it('always ends, and in the order that the longest path gives', () => {
    fc.assert(
      fc.property(jobs(20, 6), (list) => {
        const plan = planOf(list);
        const rank = priorities(plan, expectedMs);
        const machine = { cpus: 2, memoryMb: 4 };
        const done = new Set<StageId>();
        for (let round = 0; done.size < plan.stages.length; round += 1) {
          const open = plan.stages.filter(
            (stage) => !done.has(stage.id) && stage.needs.every((need) => done.has(need)),
          );
          const choice = open.map((stage) => ({
            id: stage.id,
            priority: rank.get(stage.id)!,
            demand: demandOf(stage, machine),
          }));
          const started = pick(choice, [], machine);
          expect(started.length).toBeGreaterThan(0);
          for (const id of started) done.add(id);
          expect(round).toBeLessThan(100);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('ranks a stage above all that need it', () => {
    const plan = planOf([
      { ms: 1, cpus: 1, memoryMb: 1, needs: [] },
      { ms: 1, cpus: 1, memoryMb: 1, needs: [0] },
    ]);
    const rank = priorities(plan, expectedMs);
    expect(rank.get('s00' as StageId)).toBe(2);
    expect(rank.get('s01' as StageId)).toBe(1);
    expect(rank.get('gate' as StageId)).toBe(0);
  });
});
