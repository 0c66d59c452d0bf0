import { z } from 'zod';
import { defineStage } from '../contract.ts';
import { readTetragon, sanitizeTetragon } from './output.ts';

const options = z.object({
  /** How long events are taken; seconds. */
  seconds: z.number().int().min(5).max(600).default(30),
});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'tetragon',
  kind: 'scan',
  category: 'runtime',
  tool: { name: 'Tetragon', homepage: 'https://tetragon.io', license: 'Apache-2.0', status: 'active' },
  // It does not end by itself: timeout of the system's coreutils starts it and interrupts it.
  providers: [
    { name: 'path', runtime: 'local', kind: 'path', package: 'timeout', bin: 'timeout' },
    { name: 'image', runtime: 'dagger', kind: 'image', package: 'quay.io/cilium/tetragon', bin: 'timeout' },
  ],
  requires: { target: 'none', privileges: ['cap-bpf', 'cap-perfmon', 'cap-sys-admin', 'host-pid'] },
  outputs: [{ name: 'report', type: 'jsonl', mediaType: 'application/x-ndjson', file: 'tetragon.jsonl' }],
  faults: [
    {
      in: 'stderr',
      pattern: 'level="?(fatal|panic)|^timeout: ',
      meaning: 'Tetragon reports an error of its own',
    },
  ],
  assets: { policies: 'assets/tetragon' },
  timeoutMs: 900_000,
  expectedMs: 40_000,
  resources: { cpus: 1, memoryMb: 512 },
  // What a policy did about it: it rates nothing.
  severities: { post: 'medium', sigkill: 'high', override: 'high' },
  options,
  steps: ({ options, args }) => [
    {
      id: 'watch',
      argv: [
        ...['timeout', '--signal=INT', '--kill-after=20', String(options.seconds)],
        ...['tetragon', '--tracing-policy-dir', { at: 'asset', name: 'policies' } as const],
        ...['--export-filename', { at: 'out', sub: 'tetragon.jsonl' } as const],
        ...['--server-address=', '--gops-address=', '--metrics-server='],
        ...args,
      ],
      // 124: its time was up.
      exits: { '0': 'ok', '124': 'ok' },
    },
  ],
  parse: (raw) => readTetragon(raw.report),
  uncovered: ({ seconds }) => [
    `what happens on the machine outside the ${seconds} seconds that Tetragon watches, and what secplan's one policy does not ask`,
  ],
  sanitize: (_, text) => sanitizeTetragon(text),
});
