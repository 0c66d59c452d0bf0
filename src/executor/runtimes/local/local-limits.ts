import { OUTPUT_LIMIT_BYTES } from '../../judge/judge.ts';

/** Bytes and milliseconds. */
export interface LocalLimits {
  /** The largest file a tool may write. */
  readonly fileBytes: number;
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
  logBytes: 64 * 2 ** 20,
  outputBytes: OUTPUT_LIMIT_BYTES,
  graceMs: 2000,
  pollMs: 200,
};
