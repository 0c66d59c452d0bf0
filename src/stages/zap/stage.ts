import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({
  /** `baseline` looks at what it is answered; `full` attacks, too, which may change or break what it is pointed at. */
  scan: z.enum(['baseline', 'full']).default('baseline'),
  /** Minutes that the crawler has at most. */
  spiderMinutes: z.int().min(1).max(600).default(3),
  /** Minutes that attacks have at most. */
  activeMinutes: z.int().min(1).max(1440).default(20),
  /** Where GraphQL is served, below the base URL. */
  graphqlPath: z
    .string()
    .regex(/^[A-Za-z0-9._~-]+(\/[A-Za-z0-9._~-]+)*$/)
    .default('graphql'),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'zap',
  kind: 'scan',
  category: 'dast',
  tool: { name: 'ZAP', homepage: 'https://www.zaproxy.org', license: 'Apache-2.0', status: 'active' },
  providers: [
    { name: 'release', runtime: 'local', kind: 'release', package: 'zaproxy/zaproxy', bin: 'zap.sh' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'zaproxy', bin: 'zap.sh' },
    { name: 'image', runtime: 'dagger', kind: 'image', package: 'zaproxy/zap-stable', bin: 'zap.sh' },
  ],
  requires: { target: 'http', files: ['openapi', 'graphql'], network: 'stack', auth: true },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'zap.json' }],
  faults: [
    { in: 'stdout', pattern: '^Automation plan failures:', meaning: 'a job of the automation plan failed' },
    { in: 'stdout', pattern: '^\\s*Job \\S+ failed to access URL ', meaning: 'the target did not answer' },
  ],
  assets: { http: 'src/stages/families/http/assets', zap: 'src/stages/zap/assets' },
  timeoutMs: 3_600_000,
  expectedMs: 180_000,
  resources: { cpus: 2, memoryMb: 3072 },
  severities: {
    high: 'high',
    medium: 'medium',
    low: 'low',
    informational: 'info',
    // Of its SARIF.
    error: 'high',
    warning: 'medium',
    note: 'low',
    none: 'info',
  },
};
