import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({
  /** How long events are taken; seconds. */
  seconds: z.number().int().min(5).max(600).default(30),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'tetragon',
  kind: 'scan',
  category: 'runtime',
  tool: { name: 'Tetragon', homepage: 'https://tetragon.io', license: 'Apache-2.0', status: 'active' },
  providers: [
    { name: 'path', runtime: 'local', kind: 'path', package: 'tetragon', bin: 'tetragon' },
    {
      name: 'image',
      runtime: 'dagger',
      kind: 'image',
      package: 'quay.io/cilium/tetragon',
      bin: '/usr/bin/tetragon',
    },
  ],
  requires: { target: 'none', privileges: ['cap-bpf', 'cap-perfmon', 'cap-sys-admin', 'host-pid'] },
  outputs: [{ name: 'report', type: 'jsonl', mediaType: 'application/x-ndjson', file: 'tetragon.jsonl' }],
  faults: [
    {
      in: 'stderr',
      pattern: 'level="?(fatal|panic)|^timeout: ',
      meaning: 'Tetragon reports an error',
    },
  ],
  assets: { policies: 'src/stages/tetragon/assets' },
  timeoutMs: 900_000,
  expectedMs: 40_000,
  resources: { cpus: 1, memoryMb: 512 },
  // What a policy did about it: it rates nothing.
  severities: { post: 'medium', sigkill: 'high', override: 'high' },
};
