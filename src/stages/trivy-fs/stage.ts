import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { TRIVY_PROVIDERS } from '../families/trivy/trivy-providers.ts';
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
  tool: { name: 'Trivy', homepage: 'https://trivy.dev', license: 'Apache-2.0', status: 'active' },
  providers: TRIVY_PROVIDERS,
  // What switches Trivy off (trivy.yaml, .trivyignore, trivy-secret.yaml) is overruled by flags and can stay.
  requires: {
    target: 'source',
    selection: { include: ['**'] },
    consumes: [{ name: 'db', type: 'database', from: 'trivy-db' }],
  },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'trivy.json' }],
  // A file that Trivy could not parse is named by `file_path`: a note of that file, not a failure of the stage.
  faults: [
    {
      in: 'stderr',
      pattern: '^\\S+\\s+(FATAL|ERROR)\\s(?!.*(Falling back to embedded checks|file_path=))',
      meaning: 'Trivy reports an error',
    },
  ],
  assets: { trivy: 'src/stages/families/trivy/assets' },
  timeoutMs: 300_000,
  expectedMs: 3_000,
  resources: { cpus: 1, memoryMb: 1024 },
  // Trivy's own scale. Licences go by Trivy's class: its scale calls MIT low, which is no flaw at all.
  severities: {
    critical: 'critical',
    high: 'high',
    medium: 'medium',
    low: 'low',
    unknown: 'info',
    'license-forbidden': 'critical',
    'license-restricted': 'high',
    'license-reciprocal': 'medium',
    'license-notice': 'info',
    'license-permissive': 'info',
    'license-unencumbered': 'info',
    'license-unknown': 'low',
  },
};
