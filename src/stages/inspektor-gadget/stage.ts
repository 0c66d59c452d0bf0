import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({
  /** How long events are taken; seconds. */
  seconds: z.number().int().min(5).max(600).default(30),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'inspektor-gadget',
  kind: 'scan',
  category: 'runtime',
  tool: {
    name: 'Inspektor Gadget',
    homepage: 'https://inspektor-gadget.io',
    license: 'Apache-2.0 AND GPL-2.0-only',
    status: 'active',
  },
  providers: [
    {
      name: 'release',
      runtime: 'local',
      kind: 'release',
      package: 'inspektor-gadget/inspektor-gadget',
      bin: 'ig',
    },
    { name: 'path', runtime: 'local', kind: 'path', package: 'ig', bin: 'ig' },
    { name: 'image', runtime: 'dagger', kind: 'image', package: 'ghcr.io/inspektor-gadget/ig', bin: 'ig' },
  ],
  // A gadget is its own image, which it fetches.
  requires: {
    target: 'none',
    network: { egress: ['ghcr.io', 'pkg-containers.githubusercontent.com'] },
    privileges: ['cap-bpf', 'cap-perfmon', 'cap-sys-admin', 'cap-sys-ptrace', 'host-pid'],
  },
  outputs: [{ name: 'report', type: 'jsonl', mediaType: 'application/x-ndjson' }],
  faults: [
    {
      in: 'stderr',
      pattern: '^Error: |level=(fatal|panic|error)',
      meaning: 'Inspektor Gadget reports an error',
    },
  ],
  timeoutMs: 900_000,
  expectedMs: 40_000,
  resources: { cpus: 1, memoryMb: 512 },
  // It observes and rates nothing: a program that the image did not hold is what we take for a flaw.
  severities: { 'exec-upper-layer': 'medium' },
};
