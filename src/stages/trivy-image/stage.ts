import * as z from 'zod';
import { defineStage } from '../contract/definition.ts';
import type { CommandTarget } from '../contract/target.ts';
import { trivyCache } from '../families/trivy/trivy-cache.ts';
import { TRIVY_PROVIDERS } from '../families/trivy/trivy-providers.ts';
import { sanitizeTrivy } from '../families/trivy/trivy-report.ts';
import { trivyVariants } from '../families/trivy/trivy-variants.ts';
import { readImage } from './output.ts';

const SCANNERS = ['vuln', 'secret', 'license'] as const;

const options = z.object({
  /** What is looked for. `vuln` brings in the vulnerability database; without it the stage is incomplete. */
  scanners: z.array(z.enum(SCANNERS)).min(1).default(['vuln', 'secret']),
  /** Whether flaws without a fix are left out. */
  ignoreUnfixed: z.boolean().default(false),
});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'trivy-image',
  kind: 'scan',
  category: 'container',
  tool: { name: 'Trivy', homepage: 'https://trivy.dev', license: 'Apache-2.0', status: 'active' },
  providers: TRIVY_PROVIDERS,
  // An archive is the target's own path; an image by reference comes from its registry.
  requires: {
    target: 'image',
    selection: { include: ['**'] },
    consumes: [{ name: 'db', type: 'database', from: 'trivy-db' }],
  },
  consumes: ({ scanners }) => (scanners.includes('vuln') ? ['db'] : []),
  network: (target) => {
    const registry = registryOf(target);
    return registry === undefined ? 'none' : { egress: [registry] };
  },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'trivy.json' }],
  faults: [
    {
      in: 'stderr',
      pattern: '^\\S+\\s+(FATAL|ERROR)\\s',
      meaning: 'Trivy reports an error of its own',
    },
  ],
  assets: { trivy: 'src/stages/families/trivy/assets' },
  timeoutMs: 900_000,
  expectedMs: 10_000,
  resources: { cpus: 1, memoryMb: 2048 },
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
  steps: ({ options, args, artifacts, target }) => [
    {
      id: 'image',
      argv: [
        // The secret scanner always runs, if only with our own rule: its canary tells which files were read.
        ...['trivy', 'image', '--scanners', [...new Set([...options.scanners, 'secret'])].sort().join(',')],
        ...['--offline-scan', '--skip-db-update', '--skip-java-db-update'],
        ...['--skip-version-check', '--disable-telemetry'],
        ...(options.ignoreUnfixed ? ['--ignore-unfixed'] : []),
        ...trivyCache(artifacts),
        ...['--config', { at: 'asset', name: 'trivy', sub: 'trivy.yaml' } as const],
        ...['--ignorefile', { at: 'asset', name: 'trivy', sub: 'ignore.txt' } as const],
        ...[
          '--secret-config',
          {
            at: 'asset',
            name: 'trivy',
            sub: options.scanners.includes('secret') ? 'secret.yaml' : 'watch.yaml',
          } as const,
        ],
        ...['--format', 'json', '--output', { at: 'out', sub: 'trivy.json' } as const],
        ...args,
        ...image(target),
      ],
      exits: { '0': 'ok' },
    },
  ],
  variants: trivyVariants,
  parse: (raw, context) =>
    readImage(raw.report, context, (context.options as z.infer<typeof options>).scanners),
  notChecked: ({ scanners, ignoreUnfixed }) => [
    ...SCANNERS.filter((scanner) => !scanners.includes(scanner)).map(
      (scanner) => `${scanner} of images (scanners option)`,
    ),
    ...(ignoreUnfixed ? ['vulnerabilities without a fix (ignoreUnfixed option)'] : []),
  ],
  sanitize: (output, text) => (output === 'report' ? sanitizeTrivy(text) : text),
});

function image({ path, details }: CommandTarget) {
  if (path !== undefined) return ['--input', path];
  return ['--image-src', 'remote', String(details.ref)];
}

/** The host of a reference that names one: `registry.example.org:5000/team/app`. */
function registryOf({ path, details }: Pick<CommandTarget, 'path' | 'details'>): string | undefined {
  if (path !== undefined || typeof details.ref !== 'string' || !details.ref.includes('/')) return undefined;
  const [host = ''] = details.ref.split('/', 1);
  return /[.:]/.test(host) ? host : undefined;
}
