import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { TRIVY_PROVIDERS } from '../families/trivy/trivy-providers.ts';
import {
  TRIVY,
  TRIVY_ASSETS,
  TRIVY_FILE_FAULTS,
  TRIVY_OUTPUTS,
  TRIVY_SEVERITIES,
} from '../families/trivy/trivy-stage.ts';

export const options = z.object({
  /** Of a cluster: whether its images are fetched and scanned, too. That needs a registry and the databases. */
  images: z.boolean().default(false),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'trivy-k8s',
  kind: 'scan',
  category: 'kubernetes',
  tool: TRIVY,
  providers: TRIVY_PROVIDERS,
  requires: {
    target: 'kubernetes',
    selection: { include: ['**/*.{yaml,yml,json,tpl,txt}', '**/.helmignore'] },
  },
  outputs: TRIVY_OUTPUTS,
  faults: TRIVY_FILE_FAULTS,
  assets: TRIVY_ASSETS,
  timeoutMs: 600_000,
  expectedMs: 5_000,
  resources: { cpus: 1, memoryMb: 1024 },
  severities: TRIVY_SEVERITIES,
};
