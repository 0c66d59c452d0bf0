import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { readFalco, sanitizeFalco } from './output.ts';

const options = z.object({
  /** How long events are taken; seconds. */
  seconds: z.number().int().min(5).max(600).default(30),
});

export const stage = defineStage<z.infer<typeof options>>({
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
  faults: [
    { in: 'stderr', pattern: '^(Error: |Runtime error: )', meaning: 'Falco reports an error of its own' },
  ],
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
  options,
  steps: ({ options, args }) => [
    {
      id: 'watch',
      argv: [
        ...['falco', '-M', String(options.seconds)],
        ...['-o', 'engine.kind=modern_ebpf', '-o', 'json_output=true', '-o', 'stdout_output.enabled=true'],
        // Words for people go to standard error.
        ...['-o', 'log_stderr=true', '-o', 'log_syslog=false'],
        // No port is opened, and its files are read once.
        ...['-o', 'webserver.enabled=false', '-o', 'watch_config_files=false'],
        // Its own count of events, as an alert: without one nothing proves that it saw any.
        ...['-o', 'metrics.enabled=true', '-o', 'metrics.interval=2s', '-o', 'metrics.output_rule=true'],
        ...args,
      ],
      stdout: 'report',
      exits: { '0': 'ok' },
    },
  ],
  parse: (raw) => readFalco(raw.report),
  notChecked: ({ seconds }) => [
    `what happens on the machine outside the ${seconds} seconds that Falco watches`,
  ],
  sanitize: (_, text) => sanitizeFalco(text),
});
