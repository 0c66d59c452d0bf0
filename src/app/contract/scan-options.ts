import * as z from 'zod';
import type { ScanOptions, ScanRequestOptions } from './scan-option-types.ts';

const shape = {
  manifestPath: z.string().optional(),
  workspace: z.string().optional(),
  profile: z.string().default('light'),
  runtime: z.enum(['local', 'dagger', 'managed']).optional(),
  plan: z.string().optional(),
  resume: z.boolean().default(false),
  only: z.array(z.string()).default([]),
  skip: z.array(z.string()).default([]),
  skipPrivacy: z.boolean().default(false),
  exportDir: z.string().optional(),
  bundleId: z.string().optional(),
  databases: z.string().optional(),
  policy: z.string().optional(),
  requiresStack: z.boolean().default(false),
  stackBaseUrl: z.url({ protocol: /^https?$/ }).optional(),
  changedSince: z.string().min(1).optional(),
  trusted: z.string().min(1).optional(),
  failFast: z.boolean().default(false),
  enforceSla: z.boolean().default(false),
  offline: z.boolean().default(false),
  locked: z.boolean().default(false),
  unsandboxed: z.boolean().default(false),
  trustWorkspace: z.boolean().default(false),
} satisfies Record<keyof ScanOptions, z.ZodType>;

/**
 * The one schema of what a scan can be asked for: the command line, the HTTP service, the Dagger module and the agents
 * all fill this and nothing else.
 */
export const scanOptions = z.strictObject(shape) satisfies z.ZodType<ScanOptions, ScanRequestOptions>;
