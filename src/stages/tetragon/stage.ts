import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
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
      meaning: 'Tetragon reports an error of its own',
    },
  ],
  assets: { policies: 'src/stages/tetragon/assets' },
  timeoutMs: 900_000,
  expectedMs: 40_000,
  resources: { cpus: 1, memoryMb: 512 },
  // What a policy did about it: it rates nothing.
  severities: { post: 'medium', sigkill: 'high', override: 'high' },
  options,
  steps: ({ options, args }) => [
    {
      id: 'watch',
      // It does not end by itself. Its image has the timeout of BusyBox, which knows no long options.
      system: true,
      argv: [
        ...['timeout', '-s', 'INT', '-k', '20', String(options.seconds), { at: 'tool' } as const],
        ...['--tracing-policy-dir', { at: 'asset', name: 'policies' } as const],
        // One file: it would start another after 10 MB and leave the first beside it, unread.
        ...[
          '--export-filename',
          { at: 'out', sub: 'tetragon.jsonl' } as const,
          '--export-file-max-size-mb=1024',
        ],
        // No port is opened: the last listens on 6789 otherwise.
        ...['--server-address=', '--gops-address=', '--metrics-server=', '--health-server-address='],
        ...args,
      ],
      // 124: its time was up.
      exits: { '0': 'ok', '124': 'ok' },
    },
  ],
  parse: (raw) => readTetragon(raw.report),
  notChecked: ({ seconds }) => [
    `what happens on the machine outside the ${seconds} seconds that Tetragon watches, and what secplan's one policy does not ask`,
  ],
  sanitize: (_, text) => sanitizeTetragon(text),
});
