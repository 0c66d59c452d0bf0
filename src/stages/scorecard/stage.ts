import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { CHECKS } from './checks.ts';

export const options = z.object({
  /** Checks to run. */
  checks: z
    .array(z.enum(CHECKS))
    .min(1)
    .default([...CHECKS]),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'scorecard',
  kind: 'scan',
  category: 'supply-chain',
  // Of code it only asks whether it is there.
  looksFor: [{ category: 'supply-chain', reads: ['**/.github/workflows/*.{yml,yaml}'] }],
  tool: {
    name: 'OpenSSF Scorecard',
    homepage: 'https://scorecard.dev/',
    license: 'Apache-2.0',
    status: 'active',
  },
  providers: [
    { name: 'go', runtime: 'local', kind: 'go', package: 'github.com/ossf/scorecard/v5', bin: 'scorecard' },
    { name: 'release', runtime: 'local', kind: 'release', package: 'ossf/scorecard', bin: 'scorecard' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'scorecard', bin: 'scorecard' },
    { name: 'image', runtime: 'dagger', kind: 'image', package: 'ghcr.io/ossf/scorecard', bin: 'scorecard' },
  ],
  // A scorecard.yml holds maintainers' excuses; they change no score, and are not shown.
  requires: { target: 'source', selection: { include: ['**'], exclude: ['**/scorecard.{yml,yaml}'] } },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'scorecard.json' }],
  faults: [
    {
      in: 'stderr',
      pattern: '^(?:panic: |Skipping \\S+: |Error: )|internal error: ',
      meaning: 'Scorecard reports an error',
    },
  ],
  timeoutMs: 300_000,
  expectedMs: 10_000,
  resources: { cpus: 1, memoryMb: 1024 },
  // The risk that Scorecard's own documentation gives each check; its scores say how far a project has come, not how bad it is.
  severities: {
    'dangerous-workflow': 'critical',
    webhooks: 'critical',
    'binary-artifacts': 'high',
    'branch-protection': 'high',
    'code-review': 'high',
    'dependency-update-tool': 'high',
    maintained: 'high',
    'signed-releases': 'high',
    'token-permissions': 'high',
    vulnerabilities: 'high',
    fuzzing: 'medium',
    packaging: 'medium',
    'pinned-dependencies': 'medium',
    sast: 'medium',
    sbom: 'medium',
    'security-policy': 'medium',
    'ci-tests': 'low',
    'cii-best-practices': 'low',
    contributors: 'low',
    license: 'low',
    // Levels of its SARIF, and what a probe says alone.
    error: 'high',
    warning: 'medium',
    note: 'low',
    probe: 'info',
  },
};
