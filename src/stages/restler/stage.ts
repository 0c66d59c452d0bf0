import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({
  /** Seconds after which fuzzing ends. */
  seconds: z.int().min(10).max(36_000).default(600),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'restler',
  kind: 'scan',
  category: 'api',
  tool: {
    name: 'RESTler',
    homepage: 'https://github.com/microsoft/restler-fuzzer',
    license: 'MIT',
    status: 'active',
  },
  providers: [
    { name: 'path', runtime: 'local', kind: 'path', package: 'restler', bin: 'Restler' },
    {
      name: 'image',
      runtime: 'dagger',
      kind: 'image',
      package: 'mcr.microsoft.com/restlerfuzzer/restler',
      bin: '/RESTler/restler/Restler',
    },
  ],
  requires: { target: 'http', details: [['openapi']], files: ['openapi'], network: 'stack', auth: true },
  outputs: [
    { name: 'report', type: 'json', mediaType: 'application/json', file: 'testing_summary.json' },
    { name: 'codes', type: 'json', mediaType: 'application/json', file: 'runSummary.json' },
    { name: 'buckets', type: 'text', mediaType: 'text/plain', file: 'bug_buckets.txt', required: false },
  ],
  faults: [{ in: 'stdout', pattern: '^(ERROR: |Task \\S+ failed)', meaning: 'RESTler reports an error' }],
  assets: { restler: 'src/stages/restler/assets' },
  timeoutMs: 3_600_000,
  expectedMs: 600_000,
  resources: { cpus: 1, memoryMb: 2048 },
  severities: {
    'restler/use-after-free': 'high',
    'restler/namespace-rule': 'high',
    'restler/leakage-rule': 'medium',
    'restler/resource-hierarchy': 'medium',
    'restler/main-driver': 'medium',
    'restler/payload-body': 'medium',
    'restler/invalid-dynamic-object': 'low',
    'restler/examples': 'low',
    'restler/invalid-value': 'low',
    reproduced: 'medium',
    unreproduced: 'low',
  },
};
