import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { readGadget, sanitizeGadget } from './output.ts';

const options = z.object({
  /** How long events are taken; seconds. */
  seconds: z.number().int().min(5).max(600).default(30),
});

export const stage = defineStage<z.infer<typeof options>>({
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
  // A gadget is an image of its own, which it fetches.
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
      meaning: 'Inspektor Gadget reports an error of its own',
    },
  ],
  timeoutMs: 900_000,
  expectedMs: 40_000,
  resources: { cpus: 1, memoryMb: 512 },
  // It observes and rates nothing: a program that the image did not hold is what we take for a flaw.
  severities: { 'exec-upper-layer': 'medium' },
  options,
  steps: ({ options, args }) => [
    {
      id: 'watch',
      argv: [
        ...['ig', 'run', 'trace_exec', '--timeout', String(options.seconds), '--output', 'json'],
        // Of the host's own programs, too: one start at least proves that it looked.
        ...['--host', '--verify-image=true'],
        // Without them an event does not say which file was started.
        '--paths',
        ...args,
      ],
      stdout: 'report',
      exits: { '0': 'ok' },
    },
  ],
  parse: (raw) => readGadget(raw.report),
  notChecked: ({ seconds }) => [
    `what happens on the machine outside the ${seconds} seconds that Inspektor Gadget watches, and what gadgets other than trace_exec would show`,
  ],
  sanitize: (_, text) => sanitizeGadget(text),
});
