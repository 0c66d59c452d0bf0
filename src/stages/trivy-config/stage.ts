import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { TRIVY_PROVIDERS } from '../families/trivy/trivy-providers.ts';
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
  tool: { name: 'Trivy', homepage: 'https://trivy.dev', license: 'Apache-2.0', status: 'active' },
  providers: TRIVY_PROVIDERS,
  requires: {
    target: 'source',
    selection: {
      include: [
        '**/*.{tf,tf.json,tofu,tfvars,tpl,bicep,yaml,yml,json,template}',
        '**/{Dockerfile,dockerfile,Containerfile}*',
        '**/*.{Dockerfile,dockerfile}',
        // Parts of charts and of playbooks.
        '**/templates/**',
        '**/.helmignore',
        '**/*.cfg',
      ],
      exclude: ['**/{package-lock,npm-shrinkwrap,composer.lock,tsconfig}.json'],
    },
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
  timeoutMs: 300_000,
  expectedMs: 4_000,
  resources: { cpus: 1, memoryMb: 1024 },
  severities: { critical: 'critical', high: 'high', medium: 'medium', low: 'low', unknown: 'info' },
};
