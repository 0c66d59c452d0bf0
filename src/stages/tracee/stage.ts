import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { readTracee, sanitizeTracee } from './output.ts';

const options = z.object({
  /** How long events are taken; seconds. */
  seconds: z.number().int().min(5).max(600).default(30),
});

export const stage = defineStage<z.infer<typeof options>>({
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
      meaning: 'Tracee reports an error of its own',
    },
  ],
  timeoutMs: 900_000,
  expectedMs: 40_000,
  resources: { cpus: 1, memoryMb: 1024 },
  // Severity of its signatures, 0 to 3; of its detectors, which take their place after 0.24, to 4.
  severities: { '4': 'critical', '3': 'high', '2': 'medium', '1': 'low', '0': 'info' },
  options,
  steps: ({ options, args }) => [
    {
      id: 'watch',
      // It does not end by itself, and has no option for that.
      system: true,
      argv: [
        ...['timeout', '-s', 'INT', '-k', '20', String(options.seconds), { at: 'tool' } as const],
        // Its own signatures, and starts of programs, which prove that it looked.
        ...['--events', 'signatures,sched_process_exec'],
        ...['--output', { at: 'out', sub: 'tracee.jsonl', prefix: 'json:' } as const],
        ...args,
      ],
      // 124: its time was up.
      exits: { '0': 'ok', '124': 'ok' },
    },
  ],
  parse: (raw) => readTracee(raw.report),
  notChecked: ({ seconds }) => [
    `what happens on the machine outside the ${seconds} seconds that Tracee watches`,
  ],
  sanitize: (_, text) => sanitizeTracee(text),
});
