import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({
  /** URL of the dashboard that holds the collection and the tests. */
  dashboard: z
    .string()
    .regex(/^https?:\/\/[^\s/]\S*$/)
    .optional(),
  /** Number of the collection of APIs in the dashboard. */
  collection: z.int().positive().optional(),
  /** Ids of tests; without any, all. */
  tests: z.array(z.string().regex(/^[A-Z0-9_]{1,100}$/)).default([]),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'akto',
  kind: 'scan',
  category: 'api',
  tool: {
    name: 'Akto',
    homepage: 'https://github.com/akto-api-security/akto',
    license: 'MIT',
    status: 'active',
  },
  providers: [
    { name: 'path', runtime: 'local', kind: 'path', package: 'akto', bin: 'akto-testing-cli' },
    {
      name: 'image',
      runtime: 'dagger',
      kind: 'image',
      package: 'aktosecurity/akto-api-testing-cli',
      bin: 'java',
    },
  ],
  // The dashboard, too, has to be reached: as a service of the stack, or by tools.akto.network; its key is the secret
  // AKTO_API_KEY (tools.akto.secrets).
  requires: { target: 'http', network: 'stack' },
  outputs: [{ name: 'report', type: 'text', mediaType: 'text/plain' }],
  faults: [{ in: 'stderr', pattern: '^Exception in thread ', meaning: 'Akto failed' }],
  timeoutMs: 1_800_000,
  expectedMs: 120_000,
  resources: { cpus: 1, memoryMb: 1024 },
  severities: { critical: 'critical', high: 'high', medium: 'medium', low: 'low', info: 'info' },
};
