/** What a scan can be asked for, every default filled in. Named without zod, so that the library's types need no package. */
export interface ScanOptions {
  /** File; absent: found as spec section 2 says. */
  readonly manifest?: string | undefined;
  /** Folder; absent: the manifest's. */
  readonly workspace?: string | undefined;
  /** Default: `light`. */
  readonly profile: string;
  readonly runtime?: 'local' | 'dagger' | 'managed' | undefined;
  /** A plan file to apply exactly. */
  readonly plan?: string | undefined;
  readonly resume: boolean;
  readonly only: readonly string[];
  readonly skip: readonly string[];
  readonly skipPrivacy: boolean;
  /** Absent: `build/security-results` in the workspace. */
  readonly exportDir?: string | undefined;
  readonly bundleId?: string | undefined;
  /** Folder with databases carried in, each below its id. */
  readonly databases?: string | undefined;
  /** Budgets in a file of their own, JSON or YAML. */
  readonly policy?: string | undefined;
  /** The run fails without a stack, whatever the profile says. */
  readonly requiresStack: boolean;
  /** Base URL of base URL of a running stack; secplan starts none. */
  readonly stackBaseUrl?: string | undefined;
  /** Ref: only what is new since its merge base with HEAD counts. */
  readonly changedSince?: string | undefined;
  /** Ref whose manifest decides what gates, what is granted and which custom tools run. */
  readonly trusted?: string | undefined;
  readonly failFast: boolean;
  readonly enforceSla: boolean;
  readonly offline: boolean;
  readonly locked: boolean;
  readonly unsandboxed: boolean;
}

/** As a caller writes them: everything may be left out. */
export type ScanRequestOptions = {
  readonly [Name in keyof ScanOptions]?: ScanOptions[Name] | undefined;
};
