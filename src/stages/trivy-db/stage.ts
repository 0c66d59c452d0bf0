import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { TRIVY_PROVIDERS } from '../families/trivy/trivy-providers.ts';

export const options = z.object({
  /** OCI reference of the database, for a mirror of one's own; absent: Trivy's own. */
  repository: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,300}$/)
    .optional(),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'trivy-db',
  kind: 'database',
  category: 'sca',
  tool: {
    name: 'Trivy database',
    homepage: 'https://github.com/aquasecurity/trivy-db',
    license: 'Apache-2.0',
    status: 'active',
  },
  providers: TRIVY_PROVIDERS,
  requires: {
    target: 'none',
    network: { egress: ['mirror.gcr.io', 'ghcr.io', 'pkg-containers.githubusercontent.com'] },
  },
  outputs: [{ name: 'db', type: 'database', mediaType: 'application/octet-stream', file: 'db', tree: true }],
  faults: [
    { in: 'stderr', pattern: '^\\S+\\s+(FATAL|ERROR)\\s', meaning: 'Trivy could not fetch its database' },
  ],
  timeoutMs: 900_000,
  expectedMs: 30_000,
  resources: { cpus: 1, memoryMb: 1024 },
  severities: {},
};
