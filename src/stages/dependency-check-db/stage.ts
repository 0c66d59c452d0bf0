import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { DEPENDENCY_CHECK_PROVIDERS } from '../families/dependency-check/dependency-check-providers.ts';

export const options = z.object({});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'dependency-check-db',
  kind: 'database',
  category: 'sca',
  tool: {
    name: 'NVD, as Dependency-Check keeps it',
    homepage: 'https://dependency-check.github.io/DependencyCheck/data/index.html',
    license: 'LicenseRef-NVD-public-domain',
    status: 'active',
  },
  providers: DEPENDENCY_CHECK_PROVIDERS,
  requires: { target: 'none', network: { egress: ['services.nvd.nist.gov', 'www.cisa.gov'] } },
  outputs: [{ name: 'db', type: 'database', mediaType: 'application/octet-stream', file: 'db', tree: true }],
  faults: [
    {
      in: 'stdout',
      pattern: '^\\[ERROR\\] |UpdateException|DatabaseException',
      meaning: 'Dependency-Check could not fetch its data',
    },
  ],
  assets: { engine: 'src/stages/families/dependency-check/assets' },
  // Without a key of the NVD, which a target's secret cannot hand over, its interface answers slowly.
  timeoutMs: 3_600_000,
  expectedMs: 900_000,
  resources: { cpus: 1, memoryMb: 3072 },
  severities: {},
};
