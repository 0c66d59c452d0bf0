import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({
  /** Version of the benchmark, for example `cis-1.10`; absent: the one of the Kubernetes that it finds. */
  benchmark: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,60}$/)
    .optional(),
  /** What the node is: absent, it finds out by what runs on it. */
  targets: z
    .array(z.enum(['master', 'controlplane', 'node', 'etcd', 'policies', 'managedservices']))
    .default([]),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'kube-bench',
  kind: 'scan',
  category: 'kubernetes',
  tool: {
    name: 'kube-bench',
    homepage: 'https://github.com/aquasecurity/kube-bench',
    license: 'Apache-2.0',
    status: 'active',
  },
  providers: [
    {
      name: 'release',
      runtime: 'local',
      kind: 'release',
      package: 'aquasecurity/kube-bench',
      bin: 'kube-bench',
    },
    { name: 'path', runtime: 'local', kind: 'path', package: 'kube-bench', bin: 'kube-bench' },
    { name: 'image', runtime: 'dagger', kind: 'image', package: 'aquasec/kube-bench', bin: 'kube-bench' },
  ],
  // It reads the node's own files and processes: only where the runtime shows them is it run at all.
  requires: { target: 'kubernetes', privileges: ['host-files', 'host-pid'] },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'kube-bench.json' }],
  faults: [
    {
      in: 'stderr',
      pattern: '(^|\\s)(unable to determine|error: |need kubectl|failed to)|^panic: ',
      meaning: 'kube-bench reports an error',
    },
  ],
  timeoutMs: 300_000,
  expectedMs: 10_000,
  resources: { cpus: 1, memoryMb: 256 },
  // A scored check that fails, one that somebody has to look at, by state; the benchmark itself rates nothing.
  severities: { fail: 'medium', 'fail-scored': 'high', warn: 'low' },
};
