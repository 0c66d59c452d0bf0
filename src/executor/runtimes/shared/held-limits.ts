import type { StageLimits } from '../../../stages/contract/stage-limits.ts';

/** How much may lie in a folder that a stage writes to. */
export interface FolderLimits {
  readonly files: number;
  readonly bytes: number;
}

/** The most that a stage may have written to its output folder when it is looked at. */
export const OUT_LIMITS: FolderLimits = { files: 50_000, bytes: 4 * 2 ** 30 };

/** The same for a /tmp on a disk. Some build there what they look at: a database of a tree's code has a file or two for each of the tree's. */
export const SCRATCH_LIMITS: FolderLimits = { files: 500_000, bytes: 16 * 2 ** 30 };

/** Of /dev/shm, which is memory. */
export const SHARED_MEMORY_BYTES = 256 * 2 ** 20;

/** Limits of a stage beside memory and time. */
export interface HeldLimits {
  /** The largest file a tool may write. Bytes. */
  readonly fileBytes: number;
  readonly out: FolderLimits;
  /** Of a /tmp on a disk. */
  readonly scratch: FolderLimits;
  /** Processes and threads of a stage at the same time. */
  readonly processes: number;
}

/** The limits of one stage: the plan's where it has some. A /tmp on a disk is never held to less than by default. */
export function limitsFor<Limits extends HeldLimits>(
  { processes, files, outputMb }: StageLimits,
  limits: Limits,
): Limits {
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
