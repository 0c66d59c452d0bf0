import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { workspacePath } from '../contract/workspace-path.ts';

export const options = z.object({
  /** Folder or file of policies, below the manifests' folder: no other file is in the view. */
  policy: workspacePath.optional(),
  /** Whether secplan's own small pack is applied. */
  pack: z.boolean().default(true),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'kyverno',
  kind: 'scan',
  category: 'kubernetes',
  tool: { name: 'Kyverno', homepage: 'https://kyverno.io', license: 'Apache-2.0', status: 'active' },
  providers: [
    {
      ...{ name: 'go', runtime: 'local', kind: 'go', bin: 'kyverno' },
      package: 'github.com/kyverno/kyverno/cmd/cli/kubectl-kyverno',
      // It replaces another module.
      fromModule: true,
    },
    { name: 'release', runtime: 'local', kind: 'release', package: 'kyverno/kyverno', bin: 'kyverno' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'kyverno', bin: 'kyverno' },
    {
      name: 'image',
      runtime: 'dagger',
      kind: 'image',
      package: 'ghcr.io/kyverno/kyverno-cli',
      bin: 'kubectl-kyverno',
    },
  ],
  requires: { target: 'kubernetes', selection: { include: ['**/*.{yaml,yml,json}'] } },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json' }],
  faults: [
    {
      in: 'stderr',
      pattern: '^(?:Error: (?!exit as there are policy violations)|panic: )',
      meaning: 'Kyverno reports an error',
    },
  ],
  assets: { canary: 'src/stages/kyverno/assets/canary', pack: 'src/stages/kyverno/assets/pack' },
  timeoutMs: 300_000,
  expectedMs: 3_000,
  resources: { cpus: 1, memoryMb: 512 },
  // A policy may name its severity; else what the result is.
  severities: {
    critical: 'critical',
    high: 'high',
    medium: 'medium',
    low: 'low',
    info: 'info',
    fail: 'medium',
    warn: 'low',
  },
};
