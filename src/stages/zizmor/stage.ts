import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({
  /** How far it goes: `auditor` also reports what is likely to be a false positive. */
  persona: z.enum(['regular', 'pedantic', 'auditor']).default('regular'),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'zizmor',
  kind: 'scan',
  category: 'supply-chain',
  perFile: true,
  tool: { name: 'zizmor', homepage: 'https://docs.zizmor.sh/', license: 'MIT', status: 'active' },
  providers: [
    { name: 'pypi', runtime: 'local', kind: 'pypi', package: 'zizmor', bin: 'zizmor' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'zizmor', bin: 'zizmor' },
    { name: 'image', runtime: 'dagger', kind: 'image', package: 'ghcr.io/zizmorcore/zizmor', bin: 'zizmor' },
  ],
  requires: {
    target: 'source',
    // A zizmor.yml, which could leave audits out, is not among the files that it sees.
    selection: {
      include: [
        '**/.github/workflows/*.{yml,yaml,YML,YAML}',
        '**/.github/dependabot.{yml,yaml}',
        '**/action.{yml,yaml}',
      ],
    },
  },
  outputs: [
    { name: 'report', type: 'sarif', mediaType: 'application/sarif+json' },
    { name: 'files', type: 'text', mediaType: 'text/plain', mayBeEmpty: true },
  ],
  faults: [{ in: 'stderr', pattern: '^(fatal|error): |panicked at', meaning: 'zizmor reports an error' }],
  timeoutMs: 120_000,
  expectedMs: 500,
  resources: { cpus: 1, memoryMb: 256 },
  // Its own scale, which stands in each result's properties.
  severities: { high: 'high', medium: 'medium', low: 'low', informational: 'info', unknown: 'medium' },
};
