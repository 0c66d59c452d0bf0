import * as z from 'zod';
import { defineStage } from '../contract/definition.ts';
import { readProbe } from './output.ts';

const options = z.object({});

/** secplan's own: whether what stands behind an HTTP target answers at all. It covers no category. */
export const stage = defineStage<z.infer<typeof options>>({
  id: 'stack-probe',
  kind: 'scan',
  category: 'dast',
  tool: {
    name: 'Stack probe',
    homepage: 'https://secplan.dev/docs/stack',
    license: 'Apache-2.0',
    status: 'active',
  },
  // The script ships with secplan, so does the lock's exemption: what starts it is the Node that secplan itself needs.
  providers: [{ name: 'node', runtime: 'local', kind: 'path', package: 'secplan', bin: 'node' }],
  requires: { target: 'http', placeholder: true },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json' }],
  faults: [{ in: 'stderr', pattern: '^(GET|HEAD|OPTIONS): ', meaning: 'a request was not answered' }],
  assets: { probe: 'src/stages/stack-probe/assets' },
  timeoutMs: 60_000,
  expectedMs: 300,
  resources: { cpus: 1, memoryMb: 256 },
  severities: { 'error-answer': 'info' },
  options,
  steps: () => [
    {
      id: 'probe',
      argv: ['node', { at: 'asset', name: 'probe', sub: 'probe.mjs' }, { at: 'endpoint' }],
      stdout: 'report',
      exits: { '0': 'ok' },
    },
  ],
  parse: (raw) => readProbe(raw.report),
});
