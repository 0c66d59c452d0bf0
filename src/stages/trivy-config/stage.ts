import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { TRIVY_PROVIDERS } from '../families/trivy/trivy-providers.ts';
import {
  TRIVY,
  TRIVY_ASSETS,
  TRIVY_CONFIG_FILES,
  TRIVY_FILE_FAULTS,
  TRIVY_OUTPUTS,
  TRIVY_SEVERITIES,
} from '../families/trivy/trivy-stage.ts';
import { TYPES } from './file-types.ts';

export const options = z.object({
  /** What is looked for. */
  types: z
    .array(z.enum(TYPES))
    .min(1)
    .default([...TYPES]),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'trivy-config',
  kind: 'scan',
  category: 'iac',
  tool: TRIVY,
  providers: TRIVY_PROVIDERS,
  requires: {
    target: 'source',
    selection: {
      include: TRIVY_CONFIG_FILES,
      exclude: ['**/{package-lock,npm-shrinkwrap,composer.lock,tsconfig}.json'],
    },
  },
  outputs: TRIVY_OUTPUTS,
  faults: TRIVY_FILE_FAULTS,
  assets: TRIVY_ASSETS,
  timeoutMs: 300_000,
  expectedMs: 4_000,
  resources: { cpus: 1, memoryMb: 1024 },
  severities: TRIVY_SEVERITIES,
};
