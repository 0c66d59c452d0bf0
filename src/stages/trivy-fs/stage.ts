import * as z from 'zod';
import { defineStage } from '../contract/definition.ts';
import { trivyCache } from '../families/trivy/trivy-cache.ts';
import { TRIVY_PROVIDERS } from '../families/trivy/trivy-providers.ts';
import { readTrivy, sanitizeTrivy } from '../families/trivy/trivy-report.ts';
import { trivyVariants } from '../families/trivy/trivy-variants.ts';

const SCANNERS = ['vuln', 'misconfig', 'secret', 'license'] as const;

const options = z.object({
  /** What is looked for. `vuln` brings in the vulnerability database; without it the stage is incomplete. */
  scanners: z
    .array(z.enum(SCANNERS))
    .min(1)
    .default([...SCANNERS]),
});

const LEFT_OUT: Readonly<Record<(typeof SCANNERS)[number], string>> = {
  vuln: 'vulnerabilities: not scanned (scanners option)',
  misconfig: 'misconfigurations: not scanned (scanners option)',
  secret: 'secrets: not scanned (scanners option)',
  license: 'licences: not scanned (scanners option)',
};

export const stage = defineStage<z.infer<typeof options>>({
  id: 'trivy-fs',
  kind: 'scan',
  category: 'sca',
  tool: { name: 'Trivy', homepage: 'https://trivy.dev', license: 'Apache-2.0', status: 'active' },
  providers: TRIVY_PROVIDERS,
  // What switches Trivy off (trivy.yaml, .trivyignore, trivy-secret.yaml) is overruled by flags and can stay.
  requires: {
    target: 'source',
    selection: { include: ['**'] },
    consumes: [{ name: 'db', type: 'database', from: 'trivy-db' }],
  },
  consumes: ({ scanners }) => (scanners.includes('vuln') ? ['db'] : []),
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'trivy.json' }],
  // A file that Trivy could not parse is named by `file_path`: a note of that file, not a failure of the stage.
  faults: [
    {
      in: 'stderr',
      pattern: '^\\S+\\s+(FATAL|ERROR)\\s(?!.*(Falling back to embedded checks|file_path=))',
      meaning: 'Trivy reports an error of its own',
    },
  ],
  assets: { trivy: 'src/stages/families/trivy/assets' },
  timeoutMs: 300_000,
  expectedMs: 3_000,
  resources: { cpus: 1, memoryMb: 1024 },
  // Trivy's own scale. Licences go by Trivy's class: its scale calls MIT low, which is no flaw at all.
  severities: {
    critical: 'critical',
    high: 'high',
    medium: 'medium',
    low: 'low',
    unknown: 'info',
    'license-forbidden': 'critical',
    'license-restricted': 'high',
    'license-reciprocal': 'medium',
    'license-notice': 'info',
    'license-permissive': 'info',
    'license-unencumbered': 'info',
    'license-unknown': 'low',
  },
  options,
  steps: ({ options, args, artifacts }) => {
    // The secret scanner always runs, if only with our own rules: its canary tells which files were read.
    const scanners = [...new Set([...options.scanners, 'secret'])].sort();
    const rules = options.scanners.includes('secret') ? 'secret.yaml' : 'watch.yaml';
    return [
      {
        id: 'fs',
        argv: [
          ...['trivy', 'fs', '--scanners', scanners.join(',')],
          ...['--offline-scan', '--skip-check-update', '--skip-db-update', '--skip-java-db-update'],
          ...['--skip-version-check', '--disable-telemetry'],
          ...trivyCache(artifacts),
          ...['--config', { at: 'asset', name: 'trivy', sub: 'trivy.yaml' } as const],
          ...['--ignorefile', { at: 'asset', name: 'trivy', sub: 'ignore.txt' } as const],
          ...['--secret-config', { at: 'asset', name: 'trivy', sub: rules } as const],
          ...['--format', 'json', '--output', { at: 'out', sub: 'trivy.json' } as const],
          ...args,
          '.',
        ],
        // Without --exit-code Trivy's code says nothing of findings; 1 is its own failure.
        exits: { '0': 'ok' },
      },
    ];
  },
  variants: trivyVariants,
  parse: (raw, context) => readTrivy(raw.report, context, context.options as z.infer<typeof options>),
  notChecked: ({ scanners }) =>
    SCANNERS.filter((scanner) => !scanners.includes(scanner)).map((scanner) => LEFT_OUT[scanner]),
  sanitize: (output, text) => (output === 'report' ? sanitizeTrivy(text) : text),
});
