import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { KUBESCAPE_PROVIDERS } from '../families/kubescape/kubescape-providers.ts';

export const options = z.object({});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'kubescape-db',
  kind: 'database',
  category: 'kubernetes',
  tool: {
    name: 'Kubescape controls',
    homepage: 'https://github.com/kubescape/regolibrary',
    license: 'Apache-2.0',
    status: 'active',
  },
  providers: KUBESCAPE_PROVIDERS,
  // Releases of its library of controls, and where their files are kept.
  requires: {
    target: 'none',
    network: {
      egress: ['github.com', 'objects.githubusercontent.com', 'release-assets.githubusercontent.com'],
    },
  },
  outputs: [{ name: 'db', type: 'database', mediaType: 'application/octet-stream', file: 'db', tree: true }],
  faults: [
    {
      in: 'stderr',
      pattern: '"level":"(error|fatal)"|^(Error|panic): |^\\[(error|fatal)\\]|error downloading',
      meaning: 'Kubescape could not fetch its controls',
    },
  ],
  timeoutMs: 600_000,
  expectedMs: 15_000,
  resources: { cpus: 1, memoryMb: 512 },
  severities: {},
};
