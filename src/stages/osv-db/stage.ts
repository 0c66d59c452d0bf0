import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { OSV_PROVIDERS } from '../families/osv/osv-providers.ts';

export const options = z.object({});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'osv-db',
  kind: 'database',
  category: 'sca',
  tool: {
    name: 'OSV database',
    homepage: 'https://osv.dev/',
    license: 'CC-BY-4.0',
    status: 'active',
  },
  providers: OSV_PROVIDERS,
  requires: { target: 'none', network: { egress: ['osv-vulnerabilities.storage.googleapis.com'] } },
  outputs: [{ name: 'db', type: 'database', mediaType: 'application/octet-stream', file: 'db', tree: true }],
  faults: [
    {
      in: 'stderr',
      pattern: '^(?:could not load db for |panic: )',
      meaning: 'OSV-Scanner could not fetch a database',
    },
  ],
  // One package of each ecosystem: it fetches the databases of those that it meets.
  assets: { sample: 'src/stages/osv-db/assets' },
  timeoutMs: 900_000,
  expectedMs: 60_000,
  resources: { cpus: 1, memoryMb: 3072 },
  severities: {},
};
