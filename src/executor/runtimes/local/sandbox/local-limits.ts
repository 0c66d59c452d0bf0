import { availableParallelism } from 'node:os';
import type { StageLimits } from '../../../../stages/contract/stage-limits.ts';
import { OUTPUT_LIMIT_BYTES } from '../../../judge/judge.ts';
import { type FolderLimits, OUT_LIMITS, SCRATCH_LIMITS } from '../../shared/folder-limits.ts';

/** Bytes and milliseconds. */
export interface LocalLimits {
  /** The largest file a tool may write. */
  readonly fileBytes: number;
  /** The most that a stage may have written to its output folder when it is looked at. */
  readonly out: FolderLimits;
  /** The same for a folder of the machine that several steps share as /tmp. */
  readonly scratch: FolderLimits;
  /** Processes and threads of a stage at the same time. */
  readonly processes: number;
  /** How much of a stream that is no output is kept. */
  readonly logBytes: number;
  /** How much of a stream that is an output is taken; more is a failure. */
  readonly outputBytes: number;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  readonly pollMs: number;
}

/** The limits of one stage: the plan's where it has some. What several steps share as /tmp is never held to less than by default. */
export function limitsFor({ processes, files, outputMb }: StageLimits, limits: LocalLimits): LocalLimits {
  const { out, scratch, fileBytes } = limits;
  const bytes = outputMb === undefined ? undefined : outputMb * 2 ** 20;
  return {
    ...limits,
    fileBytes: bytes ?? fileBytes,
    out: { files: files ?? out.files, bytes: bytes ?? out.bytes },
    scratch: {
      files: Math.max(files ?? 0, scratch.files),
      bytes: Math.max(bytes ?? 0, scratch.bytes),
    },
    processes: processes ?? limits.processes,
  };
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
