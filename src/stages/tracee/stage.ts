import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({
  /** How long events are taken; seconds. */
  seconds: z.number().int().min(5).max(600).default(30),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'tracee',
  kind: 'scan',
  category: 'runtime',
  tool: {
    name: 'Tracee',
    homepage: 'https://aquasecurity.github.io/tracee',
    license: 'Apache-2.0',
    status: 'active',
  },
  providers: [
    { name: 'path', runtime: 'local', kind: 'path', package: 'tracee', bin: 'tracee' },
    { name: 'image', runtime: 'dagger', kind: 'image', package: 'aquasec/tracee', bin: '/tracee/tracee' },
  ],
  requires: {
    target: 'none',
    privileges: ['cap-bpf', 'cap-perfmon', 'cap-sys-ptrace', 'cap-sys-resource', 'host-pid'],
  },
  outputs: [{ name: 'report', type: 'jsonl', mediaType: 'application/x-ndjson', file: 'tracee.jsonl' }],
  faults: [
    {
      in: 'stderr',
      pattern: '"level":"(fatal|error)"|^timeout: ',
      meaning: 'Tracee reports an error',
    },
  ],
  timeoutMs: 900_000,
  expectedMs: 40_000,
  resources: { cpus: 1, memoryMb: 1024 },
  // Severity of its signatures, 0 to 3; of its detectors, which take their place after 0.24, to 4.
  severities: { '4': 'critical', '3': 'high', '2': 'medium', '1': 'low', '0': 'info' },
};
