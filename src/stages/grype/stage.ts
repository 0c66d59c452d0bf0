import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { GRYPE_PROVIDERS } from '../families/grype/grype-providers.ts';

export const options = z.object({
  /** Also match by CPE where the bill of materials has none for a package: finds more, and more that is wrong. */
  addCpes: z.boolean().default(false),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'grype',
  kind: 'scan',
  category: 'sca',
  tool: {
    name: 'Grype',
    homepage: 'https://github.com/anchore/grype',
    license: 'Apache-2.0',
    status: 'active',
  },
  providers: GRYPE_PROVIDERS,
  // Nothing of the workspace itself, so no .grype.yaml either: the bill of materials says what is in it.
  requires: {
    target: 'source',
    selection: { include: [] },
    consumes: [
      { name: 'sbom', type: 'cyclonedx', from: 'syft' },
      { name: 'db', type: 'database', from: 'grype-db' },
    ],
  },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'grype.json' }],
  faults: [
    {
      in: 'stderr',
      pattern: '^(?:\\[\\d+\\])?\\s*(?:ERROR|FATAL)\\b|^panic: ',
      meaning: 'Grype reports an error',
    },
  ],
  assets: { grype: 'src/stages/grype/assets' },
  timeoutMs: 300_000,
  expectedMs: 5_000,
  resources: { cpus: 1, memoryMb: 2048 },
  // Grype's own scale; `unknown` is rated by a CVSS score where the advisory has one.
  severities: {
    critical: 'critical',
    high: 'high',
    medium: 'medium',
    low: 'low',
    negligible: 'info',
    unknown: 'medium',
    // Levels of its SARIF.
    error: 'high',
    warning: 'medium',
    note: 'low',
  },
};
