import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { TRIVY_PROVIDERS } from '../families/trivy/trivy-providers.ts';

export const options = z.object({
  /** Of a cluster: whether its images are fetched and scanned, too. That needs a registry and the databases. */
  images: z.boolean().default(false),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'trivy-k8s',
  kind: 'scan',
  category: 'kubernetes',
  tool: { name: 'Trivy', homepage: 'https://trivy.dev', license: 'Apache-2.0', status: 'active' },
  providers: TRIVY_PROVIDERS,
  requires: {
    target: 'kubernetes',
    selection: { include: ['**/*.{yaml,yml,json,tpl,txt}', '**/.helmignore'] },
  },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'trivy.json' }],
  // As for trivy-fs: a file that Trivy could not parse is a note of that file.
  faults: [
    {
      in: 'stderr',
      pattern: '^\\S+\\s+(FATAL|ERROR)\\s(?!.*(Falling back to embedded checks|file_path=))',
      meaning: 'Trivy reports an error',
    },
  ],
  assets: { trivy: 'src/stages/families/trivy/assets' },
  timeoutMs: 600_000,
  expectedMs: 5_000,
  resources: { cpus: 1, memoryMb: 1024 },
  severities: { critical: 'critical', high: 'high', medium: 'medium', low: 'low', unknown: 'info' },
};
