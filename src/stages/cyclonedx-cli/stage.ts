import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({
  /** Version of the specification that Syft's stage writes. */
  specVersion: z.enum(['v1_4', 'v1_5', 'v1_6', 'v1_7']).default('v1_6'),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'cyclonedx-cli',
  kind: 'scan',
  category: 'supply-chain',
  tool: {
    name: 'CycloneDX CLI',
    homepage: 'https://github.com/CycloneDX/cyclonedx-cli',
    license: 'Apache-2.0',
    status: 'active',
  },
  providers: [
    {
      name: 'release',
      runtime: 'local',
      kind: 'release',
      package: 'CycloneDX/cyclonedx-cli',
      bin: 'cyclonedx',
    },
    { name: 'path', runtime: 'local', kind: 'path', package: 'cyclonedx', bin: 'cyclonedx' },
    {
      name: 'image',
      runtime: 'dagger',
      kind: 'image',
      package: 'cyclonedx/cyclonedx-cli',
      bin: '/cyclonedx',
    },
  ],
  requires: {
    target: 'source',
    selection: { include: [] },
    consumes: [{ name: 'sbom', type: 'cyclonedx', from: 'syft' }],
  },
  outputs: [{ name: 'report', type: 'text', mediaType: 'text/plain' }],
  faults: [
    {
      in: 'stderr',
      pattern: '^(?:Unhandled exception|Error reading input|Unable to auto-detect)',
      meaning: 'the CycloneDX CLI could not read the bill of materials',
    },
  ],
  timeoutMs: 120_000,
  expectedMs: 3_000,
  resources: { cpus: 1, memoryMb: 1024 },
  severities: {
    'invalid-sbom': 'medium',
    // Words of ratings in a document that is read by `secplan parse`.
    critical: 'critical',
    high: 'high',
    medium: 'medium',
    low: 'low',
    info: 'info',
    none: 'info',
    unknown: 'medium',
  },
};
