import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { TRIVY_PROVIDERS } from '../families/trivy/trivy-providers.ts';
import {
  TRIVY,
  TRIVY_ASSETS,
  TRIVY_CONFIG_FILES,
  TRIVY_FILE_FAULTS,
  TRIVY_LICENSES,
  TRIVY_OUTPUTS,
  TRIVY_SEVERITIES,
} from '../families/trivy/trivy-stage.ts';
import { SCANNERS } from './scanners.ts';

export const options = z.object({
  /** What is looked for. `vuln` brings in the vulnerability database; without it the stage is incomplete. */
  scanners: z
    .array(z.enum(SCANNERS))
    .min(1)
    .default([...SCANNERS]),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'trivy-fs',
  kind: 'scan',
  category: 'sca',
  looksFor: [
    { category: 'sca', when: { option: 'scanners', is: 'vuln' } },
    { category: 'iac', when: { option: 'scanners', is: 'misconfig' }, reads: TRIVY_CONFIG_FILES },
    { category: 'secrets', when: { option: 'scanners', is: 'secret' } },
    { category: 'license', when: { option: 'scanners', is: 'license' } },
  ],
  tool: TRIVY,
  providers: TRIVY_PROVIDERS,
  // What switches Trivy off (trivy.yaml, .trivyignore, trivy-secret.yaml) is overruled by flags and can stay.
  requires: {
    target: 'source',
    selection: { include: ['**'] },
    consumes: [{ name: 'db', type: 'database', from: 'trivy-db' }],
  },
  outputs: TRIVY_OUTPUTS,
  faults: TRIVY_FILE_FAULTS,
  assets: TRIVY_ASSETS,
  timeoutMs: 300_000,
  expectedMs: 3_000,
  resources: { cpus: 1, memoryMb: 1024 },
  severities: { ...TRIVY_SEVERITIES, ...TRIVY_LICENSES },
};
