import { availableParallelism } from 'node:os';
import type { FinishedScan } from '../../app/contract/scan-types.ts';
import type { StageTimings } from '../../executor/stage-result.ts';
import { isToolStage } from '../../planner/ir/ir.ts';
import type { Paint } from '../shared/paint.ts';
import { duration } from './stage-line.ts';
import { table } from './table.ts';

const PARTS = ['queue', 'hash', 'provision', 'sandbox', 'tool', 'parse', 'write'] as const;

interface Timed {
  readonly stage: string;
  readonly cpus: number;
  readonly timings: StageTimings;
}

/** Where each stage's time went, and how far the whole is from what this machine could do at best. */
export function timingsText({ plan, results }: Pick<FinishedScan, 'plan' | 'results'>, paint: Paint): string {
  const cpus = new Map(plan.stages.filter(isToolStage).map((stage) => [stage.id, stage.resources.cpus]));
  const timed = results
    .flatMap((result): Timed[] =>
      'timings' in result
        ? [{ stage: result.stage, cpus: cpus.get(result.stage) ?? 1, timings: result.timings }]
        : [],
    )
    .sort((a, b) => a.timings.startedAt - b.timings.startedAt);
  if (timed.length === 0) return `${paint('bold', 'Timings')}\n  nothing ran`;
  const rows = timed.map(({ stage, timings }) => [
    stage,
    ...PARTS.map((part) => milliseconds(timings[part])),
    milliseconds(timings.endedAt - timings.startedAt),
  ]);
  const head = ['stage', ...PARTS, 'in all'].map((name, index) => (index === 0 ? name : name.padStart(9)));
  const first = Math.min(...timed.map(({ timings }) => timings.startedAt));
  const last = Math.max(...timed.map(({ timings }) => timings.endedAt));
  const { ms, why } = lowerBound(timed);
  return [
    `${paint('bold', 'Timings')} (milliseconds)`,
    table([head, ...rows], '  '),
    `  total ${duration(last - first)}; lower bound ${duration(ms)} (${why})`,
  ].join('\n');
}

/** The longest single stage, or the work of all spread over the machine: whichever is more. Milliseconds. */
function lowerBound(timed: readonly Timed[]): { readonly ms: number; readonly why: string } {
  const machine = availableParallelism();
  let longest = { ms: 0, stage: '' };
  let work = 0;
  for (const { stage, cpus, timings } of timed) {
    // What a stage waited for is not its work.
    const busy = PARTS.reduce((sum, part) => (part === 'queue' ? sum : sum + timings[part]), 0);
    if (busy > longest.ms) longest = { ms: busy, stage };
    work += timings.tool * Math.min(cpus, machine);
  }
  const spread = work / machine;
  return longest.ms >= spread
    ? { ms: longest.ms, why: `${longest.stage} alone` }
    : { ms: spread, why: `all work on ${machine} CPUs` };
}

function milliseconds(value: number): string {
  return value.toFixed(0).padStart(9);
}
