import * as z from 'zod';
import { defineStage } from '../contract/definition.ts';
import { TRIVY_PROVIDERS } from '../families/trivy/trivy-providers.ts';
import { readTrivy, sanitizeTrivy } from '../families/trivy/trivy-report.ts';
import { trivyVariants } from '../families/trivy/trivy-variants.ts';

const TYPES = [
  'ansible',
  'azure-arm',
  'cloudformation',
  'dockerfile',
  'helm',
  'kubernetes',
  'terraform',
  'terraformplan-json',
] as const;

const options = z.object({
  /** What is looked for. */
  types: z
    .array(z.enum(TYPES))
    .min(1)
    .default([...TYPES]),
});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'trivy-config',
  kind: 'scan',
  category: 'iac',
  tool: { name: 'Trivy', homepage: 'https://trivy.dev', license: 'Apache-2.0', status: 'active' },
  providers: TRIVY_PROVIDERS,
  requires: {
    target: 'source',
    selection: {
      include: [
        '**/*.{tf,tf.json,tofu,tfvars,tpl,bicep,yaml,yml,json,template}',
        '**/{Dockerfile,dockerfile,Containerfile}*',
        '**/*.{Dockerfile,dockerfile}',
        // Parts of charts and of playbooks.
        '**/templates/**',
        '**/.helmignore',
        '**/*.cfg',
      ],
      exclude: ['**/{package-lock,npm-shrinkwrap,composer.lock,tsconfig}.json'],
    },
  },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'trivy.json' }],
  // As for trivy-fs: a file that Trivy could not parse is a note of that file.
  faults: [
    {
      in: 'stderr',
      pattern: '^\\S+\\s+(FATAL|ERROR)\\s(?!.*(Falling back to embedded checks|file_path=))',
      meaning: 'Trivy reports an error of its own',
    },
  ],
  assets: { trivy: 'src/stages/families/trivy/assets' },
  timeoutMs: 300_000,
  expectedMs: 4_000,
  resources: { cpus: 1, memoryMb: 1024 },
  severities: { critical: 'critical', high: 'high', medium: 'medium', low: 'low', unknown: 'info' },
  options,
  steps: ({ options, args }) => [
    {
      id: 'config',
      argv: [
        // `trivy config` says nothing of files that are no infrastructure to it. This is the same scan, and our own
        // rule of the secret scanner beside it tells which files were read.
        ...['trivy', 'fs', '--scanners', 'misconfig,secret'],
        ...['--misconfig-scanners', options.types.join(',')],
        ...['--offline-scan', '--skip-check-update', '--skip-db-update', '--skip-java-db-update'],
        ...['--skip-version-check', '--disable-telemetry'],
        ...['--cache-dir', { at: 'tmp', sub: 'trivy' } as const],
        ...['--config', { at: 'asset', name: 'trivy', sub: 'trivy.yaml' } as const],
        ...['--ignorefile', { at: 'asset', name: 'trivy', sub: 'ignore.txt' } as const],
        ...['--secret-config', { at: 'asset', name: 'trivy', sub: 'watch.yaml' } as const],
        ...['--format', 'json', '--output', { at: 'out', sub: 'trivy.json' } as const],
        ...args,
        '.',
      ],
      exits: { '0': 'ok' },
    },
  ],
  variants: trivyVariants,
  parse: (raw, context) => readTrivy(raw.report, context, { scanners: ['misconfig'] }),
  notChecked: ({ types }) => [
    'Terraform modules and Helm dependencies that are not in the workspace',
    ...TYPES.filter((type) => !types.includes(type)).map((type) => `${type} (types option)`),
  ],
  sanitize: (output, text) => (output === 'report' ? sanitizeTrivy(text) : text),
});
