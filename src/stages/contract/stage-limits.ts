/** Limits of a stage that a manifest may set; absent: what the runtime holds every stage to. */
export interface StageLimits {
  /** Processes and threads at the same time. */
  readonly processes?: number;
  /** Files in its output folder. */
  readonly files?: number;
  /** Of its output folder, and of each file in it. MiB. */
  readonly outputMb?: number;
}

/** What a stage is planned with: cores and MiB of memory, and the limits that the manifest sets. */
export interface StageResources extends StageLimits {
  readonly cpus: number;
  readonly memoryMb: number;
}
