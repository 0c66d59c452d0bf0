import * as z from 'zod';

/**
 * The one schema of what a scan can be asked for: the command line, the HTTP service, the Dagger module and the agents
 * all fill this and nothing else.
 */
export const scanOptions = z.strictObject({
  /** File; absent: found as spec section 2 says. */
  manifest: z.string().optional(),
  /** Folder; absent: the manifest's. */
  workspace: z.string().optional(),
  profile: z.string().default('light'),
  runtime: z.enum(['local', 'dagger', 'managed']).optional(),
  /** A plan file to apply exactly. */
  plan: z.string().optional(),
  resume: z.boolean().default(false),
  only: z.array(z.string()).default([]),
  skip: z.array(z.string()).default([]),
  skipPrivacy: z.boolean().default(false),
  /** Absent: `build/security-results` in the workspace. */
  exportDir: z.string().optional(),
  bundleId: z.string().optional(),
  /** Folder with databases carried in, each below its id. */
  databases: z.string().optional(),
  /** Budgets in a file of their own, JSON or YAML. */
  policy: z.string().optional(),
  /** The run fails without a stack, whatever the profile says. */
  requiresStack: z.boolean().default(false),
  /** Base URL of a stack that already runs; none is started. */
  stackBaseUrl: z.url({ protocol: /^https?$/ }).optional(),
  /** Ref: only what is new since its merge base with HEAD counts. */
  changedSince: z.string().min(1).optional(),
  /** Ref whose manifest decides what gates, what is granted and which custom tools run. */
  trusted: z.string().min(1).optional(),
  failFast: z.boolean().default(false),
  enforceSla: z.boolean().default(false),
  offline: z.boolean().default(false),
  locked: z.boolean().default(false),
  unsandboxed: z.boolean().default(false),
});

export type ScanOptions = z.infer<typeof scanOptions>;
/** As a caller writes them: everything may be left out. */
export type ScanRequestOptions = z.input<typeof scanOptions>;
