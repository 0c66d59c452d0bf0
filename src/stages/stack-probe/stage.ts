import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({});

export type Options = z.infer<typeof options>;

/** secplan's own: whether what stands behind an HTTP target answers at all. It covers no category. */
export const stage: StageData = {
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
};
