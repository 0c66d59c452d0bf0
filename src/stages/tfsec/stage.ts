import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({
  /** Rules to leave out, by their long names, for example `aws-s3-enable-versioning`. */
  exclude: z.array(z.string().regex(/^[a-z0-9-]{1,100}$/)).default([]),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'tfsec',
  kind: 'scan',
  category: 'iac',
  // Its project points to Trivy, which holds its rules now.
  tool: {
    name: 'tfsec',
    homepage: 'https://aquasecurity.github.io/tfsec',
    license: 'MIT',
    status: 'archived',
  },
  providers: [
    {
      name: 'go',
      runtime: 'local',
      kind: 'go',
      package: 'github.com/aquasecurity/tfsec/cmd/tfsec',
      bin: 'tfsec',
    },
    { name: 'release', runtime: 'local', kind: 'release', package: 'aquasecurity/tfsec', bin: 'tfsec' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'tfsec', bin: 'tfsec' },
    { name: 'image', runtime: 'dagger', kind: 'image', package: 'aquasec/tfsec', bin: 'tfsec' },
  ],
  requires: {
    target: 'source',
    // Settings and checks of the tree's own (.tfsec, *_tfchecks) could leave rules out: they are not in the view.
    selection: { include: ['**/*.{tf,tf.json}', '**/*.tfvars'], exclude: ['**/.tfsec/**'] },
  },
  outputs: [
    { name: 'report', type: 'json', mediaType: 'application/json', file: 'tfsec.json' },
    { name: 'trace', type: 'text', mediaType: 'text/plain', mayBeEmpty: true },
  ],
  faults: [{ in: 'stderr', pattern: '^(Error: |panic: )', meaning: 'tfsec reports an error' }],
  timeoutMs: 300_000,
  expectedMs: 3_000,
  resources: { cpus: 1, memoryMb: 512 },
  // Its own scale; `error`, `warning` and `info` are those of versions before 0.40.
  severities: {
    critical: 'critical',
    high: 'high',
    medium: 'medium',
    low: 'low',
    error: 'high',
    warning: 'medium',
    info: 'low',
  },
};
