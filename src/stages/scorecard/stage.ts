import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { sarifVariant } from '../formats/variants.ts';
import { probeVariant, readScorecard, sanitizeScorecard } from './output.ts';

/** Those that can be answered by a tree alone. `Vulnerabilities` can be, too, but asks a server. */
const CHECKS = [
  'Binary-Artifacts',
  'Dangerous-Workflow',
  'Dependency-Update-Tool',
  'Fuzzing',
  'License',
  'Packaging',
  'Pinned-Dependencies',
  'SAST',
  'Security-Policy',
  'Token-Permissions',
] as const;

const options = z.object({
  /** Checks to run. */
  checks: z
    .array(z.enum(CHECKS))
    .min(1)
    .default([...CHECKS]),
});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'scorecard',
  kind: 'scan',
  category: 'supply-chain',
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
      meaning: 'Scorecard reports an error of its own',
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
  options,
  steps: ({ options, args }) => [
    {
      id: 'scan',
      argv: [
        ...['scorecard', '--local', '.', '--checks', options.checks.join(','), '--show-details'],
        ...args,
        ...['--format', 'json', '--output', { at: 'out', sub: 'scorecard.json' } as const],
      ],
      exits: { '0': 'ok' },
    },
  ],
  variants: [probeVariant, sarifVariant(['Scorecard'], 'other')],
  parse: (raw, context) => readScorecard(raw.report, context),
  notChecked: ({ checks }) => [
    'what only the hosting platform knows: reviews, branch protection, releases, maintenance',
    ...CHECKS.filter((check) => !checks.includes(check)).map((check) => `Scorecard's check ${check}`),
  ],
  sanitize: (_, text) => sanitizeScorecard(text),
});
