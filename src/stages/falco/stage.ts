import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({
  /** How long events are taken; seconds. */
  seconds: z.number().int().min(5).max(600).default(30),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'falco',
  kind: 'scan',
  category: 'runtime',
  tool: { name: 'Falco', homepage: 'https://falco.org', license: 'Apache-2.0', status: 'active' },
  providers: [
    { name: 'release', runtime: 'local', kind: 'release', package: 'falcosecurity/falco', bin: 'falco' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'falco', bin: 'falco' },
    { name: 'image', runtime: 'dagger', kind: 'image', package: 'falcosecurity/falco', bin: 'falco' },
  ],
  // It watches the machine that it runs on, beside the stack: only where the runtime grants what its probe needs.
  requires: { target: 'none', privileges: ['cap-bpf', 'cap-perfmon', 'cap-sys-ptrace', 'cap-sys-resource'] },
  outputs: [{ name: 'report', type: 'jsonl', mediaType: 'application/x-ndjson' }],
  faults: [{ in: 'stderr', pattern: '^(Error: |Runtime error: )', meaning: 'Falco reports an error' }],
  timeoutMs: 900_000,
  expectedMs: 40_000,
  resources: { cpus: 1, memoryMb: 512 },
  // Its own priorities.
  severities: {
    emergency: 'critical',
    alert: 'critical',
    critical: 'critical',
    error: 'high',
    warning: 'medium',
    notice: 'low',
    informational: 'info',
    debug: 'info',
  },
};
