import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { KUBESCAPE_PROVIDERS } from '../families/kubescape/kubescape-providers.ts';

export const options = z.object({
  /** Frameworks that are asked; absent: its own choice of security controls. */
  frameworks: z
    .array(z.enum(['allcontrols', 'nsa', 'mitre', 'cis-v1.10.0', 'security']))
    .default(['allcontrols']),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'kubescape',
  kind: 'scan',
  category: 'kubernetes',
  tool: { name: 'Kubescape', homepage: 'https://kubescape.io', license: 'Apache-2.0', status: 'active' },
  providers: KUBESCAPE_PROVIDERS,
  requires: {
    target: 'kubernetes',
    selection: {
      include: ['**/*.{yaml,yml,json,tpl,txt,rego}', '**/.helmignore'],
      // Its own settings, the paths to leave out and the exceptions that it would apply.
      exclude: ['**/.kubescape/**', '**/.kubescapeignore', '**/exceptions.json'],
    },
    consumes: [{ name: 'db', type: 'database', from: 'kubescape-db' }],
  },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'kubescape.json' }],
  faults: [
    {
      in: 'stderr',
      pattern: '"level":"(error|fatal)"|^(Error|panic): |^\\[(error|fatal)\\]',
      meaning: 'Kubescape reports an error',
    },
  ],
  timeoutMs: 600_000,
  expectedMs: 15_000,
  resources: { cpus: 1, memoryMb: 1024 },
  // Its own scale, made of a control's score: 9 and more, 7, 4, 1, less.
  severities: { critical: 'critical', high: 'high', medium: 'medium', low: 'low', unknown: 'medium' },
};
