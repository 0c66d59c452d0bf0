import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({
  /** Addresses of nodes or of the API server, as the stage reaches them. Without one the stage is incomplete. */
  remote: z.array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.:-]{0,252}$/)).default([]),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'kube-hunter',
  kind: 'scan',
  category: 'kubernetes',
  // Its project says that it is no longer developed, and points to Trivy.
  tool: {
    name: 'kube-hunter',
    homepage: 'https://github.com/aquasecurity/kube-hunter',
    license: 'Apache-2.0',
    status: 'archived',
  },
  providers: [
    {
      name: 'pypi',
      runtime: 'local',
      kind: 'pypi',
      package: 'kube-hunter',
      bin: 'kube-hunter',
      sourceBuilds: ['netifaces'],
    },
    { name: 'path', runtime: 'local', kind: 'path', package: 'kube-hunter', bin: 'kube-hunter' },
    { name: 'image', runtime: 'dagger', kind: 'image', package: 'aquasec/kube-hunter', bin: 'kube-hunter' },
  ],
  // It knocks at ports as a stranger would. Which hosts it may reach is the manifest's to say (tools.kube-hunter.network).
  requires: { target: 'kubernetes' },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json' }],
  faults: [{ in: 'stderr', pattern: '^(Traceback |kube-hunter: error: )', meaning: 'kube-hunter failed' }],
  timeoutMs: 600_000,
  expectedMs: 30_000,
  resources: { cpus: 1, memoryMb: 256 },
  severities: { high: 'high', medium: 'medium', low: 'low' },
};
