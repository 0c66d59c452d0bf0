import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({
  /** Which advisories are fetched: only those of packages of programs, or of operating systems, too. */
  scope: z.enum(['app', 'app+os']).default('app'),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'depscan',
  kind: 'scan',
  category: 'sca',
  tool: {
    name: 'OWASP dep-scan',
    homepage: 'https://github.com/owasp-dep-scan/dep-scan',
    license: 'MIT',
    status: 'active',
  },
  providers: [
    { name: 'pypi', runtime: 'local', kind: 'pypi', package: 'owasp-depscan', bin: 'depscan' },
    {
      name: 'image',
      runtime: 'dagger',
      kind: 'image',
      package: 'ghcr.io/owasp-dep-scan/dep-scan',
      bin: 'depscan',
    },
  ],
  // Nothing of the workspace, so that it starts no builds of it: the bill of materials is Syft's.
  requires: {
    target: 'source',
    selection: { include: [] },
    consumes: [{ name: 'sbom', type: 'cyclonedx', from: 'syft' }],
    // It fetches its database (gigabytes) by itself, from a registry of containers, each time.
    network: { egress: ['ghcr.io', 'pkg-containers.githubusercontent.com'] },
  },
  outputs: [
    {
      name: 'report',
      type: 'cyclonedx',
      mediaType: 'application/vnd.cyclonedx+json',
      // Named as the bill of materials that it was given.
      file: 'reports/sbom',
    },
  ],
  faults: [
    {
      in: 'stdout',
      pattern: '(?:ERROR|CRITICAL)\\s|Unable to (?:download|refresh|load) .*(?:database|vdb)|^Traceback ',
      meaning: 'dep-scan reports an error, or that it lacks its database',
    },
    { in: 'stderr', pattern: '^Traceback ', meaning: 'dep-scan failed' },
  ],
  timeoutMs: 1_800_000,
  expectedMs: 600_000,
  resources: { cpus: 2, memoryMb: 4096 },
  // Words of CycloneDX's ratings.
  severities: {
    critical: 'critical',
    high: 'high',
    medium: 'medium',
    low: 'low',
    info: 'info',
    none: 'info',
    unknown: 'medium',
  },
};
