import { availableParallelism } from 'node:os';
import { OUTPUT_LIMIT_BYTES } from '../../../judge/judge.ts';
import { type HeldLimits, OUT_LIMITS, SCRATCH_LIMITS } from '../../shared/held-limits.ts';

/** Bytes and milliseconds. */
export interface LocalLimits extends HeldLimits {
  /** How much of a stream that is no output is kept. */
  readonly logBytes: number;
  /** How much of a stream that is an output is taken; more is a failure. */
  readonly outputBytes: number;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  readonly pollMs: number;
}

export const LOCAL_LIMITS: LocalLimits = {
  fileBytes: 2 ** 30,
  out: OUT_LIMITS,
  scratch: SCRATCH_LIMITS,
  // A runtime of Java or Go takes tens for each processor.
  processes: 1_024 + 64 * availableParallelism(),
  logBytes: 64 * 2 ** 20,
  outputBytes: OUTPUT_LIMIT_BYTES,
  graceMs: 2000,
  pollMs: 200,
};
