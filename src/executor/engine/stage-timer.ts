import type { Clock } from '../../io/clock.ts';
import type { StageTimings } from '../stage-result.ts';

type Phase = 'hash' | 'provision' | 'sandbox' | 'tool' | 'parse' | 'write';

/** Adds up where one stage's time goes; milliseconds. */
export interface StageTimer {
  /** Runs something and puts its time on a phase. */
  time<T>(phase: Phase, run: () => T | Promise<T>): Promise<T>;
  /** Moves time that was put on `sandbox` to `tool`. */
  tool(ms: number): void;
  timings(): StageTimings;
}

/** @param runStart `clock.now()` when the run began; @param readyAt when the stage could have started */
export function startStageTimer(clock: Clock, runStart: number, readyAt: number): StageTimer {
  const startedAt = clock.now();
  const spent: Record<Phase, number> = { hash: 0, provision: 0, sandbox: 0, tool: 0, parse: 0, write: 0 };
  return {
    async time(phase, run) {
      const from = clock.now();
      try {
        return await run();
      } finally {
        spent[phase] += clock.now() - from;
      }
    },
    tool(ms) {
      spent.tool += ms;
      spent.sandbox = Math.max(0, spent.sandbox - ms);
    },
    timings: () => ({
      queue: Math.max(0, startedAt - readyAt),
      ...spent,
      startedAt: startedAt - runStart,
      endedAt: clock.now() - runStart,
    }),
  };
}
