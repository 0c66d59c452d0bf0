import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { GRYPE_PROVIDERS } from '../families/grype/grype-providers.ts';

export const options = z.object({});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'grype-db',
  kind: 'database',
  category: 'sca',
  tool: {
    name: 'Grype database',
    homepage: 'https://github.com/anchore/grype-db',
    license: 'Apache-2.0',
    status: 'active',
  },
  providers: GRYPE_PROVIDERS,
  requires: { target: 'none', network: { egress: ['grype.anchore.io'] } },
  outputs: [
    {
      name: 'db',
      type: 'database',
      mediaType: 'application/octet-stream',
      file: 'db',
      tree: true,
      // The time of the update: the same database fetched again would be another to all that read it.
      without: ['last_update_check'],
    },
  ],
  faults: [
    {
      in: 'stderr',
      pattern:
        '^(?:\\[\\d+\\])?\\s*(?:ERROR|FATAL)\\b|^panic: |unable to (?:check for|update|activate|download) (?:new )?vulnerability database',
      meaning: 'Grype could not fetch its database',
    },
  ],
  timeoutMs: 900_000,
  expectedMs: 60_000,
  resources: { cpus: 1, memoryMb: 2048 },
  severities: {},
};
