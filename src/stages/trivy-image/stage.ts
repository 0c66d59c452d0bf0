import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { TRIVY_PROVIDERS } from '../families/trivy/trivy-providers.ts';
import {
  TRIVY,
  TRIVY_ASSETS,
  TRIVY_LICENSES,
  TRIVY_OUTPUTS,
  TRIVY_SEVERITIES,
} from '../families/trivy/trivy-stage.ts';
import { SCANNERS } from './scanners.ts';

export const options = z.object({
  /** What is looked for. `vuln` brings in the vulnerability database; without it the stage is incomplete. */
  scanners: z.array(z.enum(SCANNERS)).min(1).default(['vuln', 'secret']),
  /** Whether flaws without a fix are left out. */
  ignoreUnfixed: z.boolean().default(false),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'trivy-image',
  kind: 'scan',
  category: 'container',
  tool: TRIVY,
  providers: TRIVY_PROVIDERS,
  // An archive is the target's own path; an image by reference comes from its registry.
  requires: {
    target: 'image',
    selection: { include: ['**'] },
    consumes: [{ name: 'db', type: 'database', from: 'trivy-db' }],
  },
  outputs: TRIVY_OUTPUTS,
  faults: [
    {
      in: 'stderr',
      pattern: '^\\S+\\s+(FATAL|ERROR)\\s',
      meaning: 'Trivy reports an error',
    },
  ],
  assets: TRIVY_ASSETS,
  timeoutMs: 900_000,
  expectedMs: 10_000,
  resources: { cpus: 1, memoryMb: 2048 },
  severities: { ...TRIVY_SEVERITIES, ...TRIVY_LICENSES },
};
