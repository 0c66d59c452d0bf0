import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({
  /** Address of the server. Its host must be granted: `tools.dependency-track.network`. */
  url: z
    .string()
    .regex(/^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/)
    .default('http://localhost:8081'),
  /** Name of the project there; made where it is not. */
  project: z.string().min(1).max(200).default('secplan'),
  /** Version of the project there. */
  version: z.string().min(1).max(100).default('latest'),
  /** How long the server may take to analyse the bill of materials. */
  waitSeconds: z.int().min(1).max(3600).default(300),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'dependency-track',
  kind: 'scan',
  category: 'sca',
  tool: {
    name: 'Dependency-Track',
    homepage: 'https://dependencytrack.org',
    license: 'Apache-2.0',
    status: 'active',
  },
  // A server does the work; what starts here is our own client of its interface.
  providers: [{ name: 'path', runtime: 'local', kind: 'path', package: 'python3', bin: 'python3' }],
  requires: {
    target: 'source',
    selection: { include: [] },
    consumes: [{ name: 'sbom', type: 'cyclonedx', from: 'syft' }],
  },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'dependency-track.json' }],
  faults: [{ in: 'stderr', pattern: '^(Traceback |error: )', meaning: 'the server returned no findings' }],
  assets: { client: 'src/stages/dependency-track/assets/submit.py' },
  timeoutMs: 900_000,
  expectedMs: 20_000,
  resources: { cpus: 1, memoryMb: 256 },
  severities: {
    critical: 'critical',
    high: 'high',
    medium: 'medium',
    low: 'low',
    info: 'info',
    unassigned: 'medium',
  },
};
