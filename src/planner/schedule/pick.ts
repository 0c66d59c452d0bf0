import { byCodeUnit } from '../../core/canonical.ts';
import type { StageId } from '../../core/ids.ts';
import type { Demand, Limits } from './tasks.ts';

/** A stage whose needs are all finished. */
export interface ReadyStage {
  readonly id: StageId;
  readonly demand: Demand;
  /** Higher goes first; ties by code unit of the id. */
  readonly priority: number;
}

/**
 * Which ready stages to start now, in this order: the highest first, each that still fits beside what runs. One that is
 * larger than the machine starts when nothing that takes a share runs, so something always can.
 */
export function pick(
  ready: readonly ReadyStage[],
  running: readonly { readonly demand: Demand }[],
  limits: Limits,
): readonly StageId[] {
  const used = { cpus: 0, memoryMb: 0, stages: 0 };
  for (const { demand } of running) take(used, demand);
  const chosen: StageId[] = [];
  for (const stage of [...ready].sort((a, b) => b.priority - a.priority || byCodeUnit(a.id, b.id))) {
    if (!fits(used, stage.demand, limits)) continue;
    take(used, stage.demand);
    chosen.push(stage.id);
  }
  return chosen;
}

/** What is taken of a machine, and by how many stages that take a share. */
export interface Used {
  cpus: number;
  memoryMb: number;
  stages: number;
}

// Shares may be fractions of a cpu: sums of them must not fail by a rounding.
const ROUNDING = 1e-9;

/** Whether a stage can start beside what runs. */
export function fits(used: Readonly<Used>, demand: Demand, limits: Limits): boolean {
  if (demand.cpus <= 0 && demand.memoryMb <= 0) return true;
  if (used.stages === 0) return true;
  return (
    used.cpus + demand.cpus <= limits.cpus + ROUNDING &&
    used.memoryMb + demand.memoryMb <= limits.memoryMb + ROUNDING
  );
}

/** Books a stage's share, or with `sign` -1 gives it back. */
export function take(used: Used, demand: Demand, sign: 1 | -1 = 1): void {
  if (demand.cpus <= 0 && demand.memoryMb <= 0) return;
  used.cpus += sign * demand.cpus;
  used.memoryMb += sign * demand.memoryMb;
  used.stages += sign;
  // Nothing runs: nothing is taken, whatever rounding left.
  if (used.stages === 0) Object.assign(used, { cpus: 0, memoryMb: 0 });
}
