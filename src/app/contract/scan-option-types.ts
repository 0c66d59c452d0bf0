import type { PlanRequest } from '../../compiler/model/plan-request.ts';

/**
 * What a scan can be asked for, every default filled in: what is asked of the manifest, and of the run. Named without
 * zod, so that the library's types need no package.
 */
export interface ScanOptions extends PlanRequest {
  readonly profile: string;
  readonly only: readonly string[];
  readonly skip: readonly string[];
  readonly skipPrivacy: boolean;
  readonly requiresStack: boolean;
  readonly enforceSla: boolean;
  /** A plan file to apply exactly. */
  readonly plan?: string | undefined;
  readonly resume: boolean;
  /** Absent: `build/security-results` in the workspace. */
  readonly exportDir?: string | undefined;
  readonly bundleId?: string | undefined;
  /** Folder with databases carried in, each below its id. */
  readonly databases?: string | undefined;
  /** Ref: only what is new since its merge base with HEAD counts. */
  readonly changedSince?: string | undefined;
  readonly failFast: boolean;
  readonly offline: boolean;
  readonly locked: boolean;
  readonly unsandboxed: boolean;
  /** The caller vouches for what the workspace decides: secrets, network, programs, pins. Not in a pull request. */
  readonly trustWorkspace: boolean;
}

/** As a caller writes them: everything may be left out. */
export type ScanRequestOptions = {
  readonly [Name in keyof ScanOptions]?: ScanOptions[Name] | undefined;
};
