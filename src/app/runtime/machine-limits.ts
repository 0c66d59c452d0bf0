import { availableParallelism, totalmem } from 'node:os';
import type { Runtime } from '../../executor/ports.ts';
import { STEPS_A_PROCESSOR } from '../../executor/runtimes/dagger/supervise.ts';

/** What is sent to a runtime at a time. An engine is sent more than it has processors for: there the steps wait. */
export function limitsOf(runtime: Runtime['name']): ReturnType<typeof machineLimits> {
  const { cpus, memoryMb } = machineLimits();
  return { cpus: runtime === 'dagger' ? cpus * STEPS_A_PROCESSOR : cpus, memoryMb };
}

/** All processors, and what memory leaves room for the machine itself. */
export function machineLimits(): { readonly cpus: number; readonly memoryMb: number } {
  return { cpus: availableParallelism(), memoryMb: Math.floor((totalmem() / 2 ** 20) * 0.8) };
}
