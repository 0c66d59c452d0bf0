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
