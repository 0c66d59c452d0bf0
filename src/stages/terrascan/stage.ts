import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { workspacePath } from '../contract/workspace-path.ts';
import { sarifVariant } from '../formats/variants.ts';
import { readTerrascan, sanitizeTerrascan } from './output.ts';

const options = z.object({
  /** Folder of the workspace with its policies; absent: those that the image brings, else it fetches them. */
  policies: workspacePath.optional(),
  /** Rules to leave out, for example `AC_AWS_0210`. */
  skipRules: z.array(z.string().regex(/^[A-Za-z0-9_.]{1,80}$/)).default([]),
});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'terrascan',
  kind: 'scan',
  category: 'iac',
  // Its last change, of November 2025, is called the final archival release (pull request 1740).
  tool: {
    name: 'Terrascan',
    homepage: 'https://runterrascan.io',
    license: 'Apache-2.0',
    status: 'archived',
  },
  providers: [
    { name: 'release', runtime: 'local', kind: 'release', package: 'tenable/terrascan', bin: 'terrascan' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'terrascan', bin: 'terrascan' },
    { name: 'image', runtime: 'dagger', kind: 'image', package: 'tenable/terrascan', bin: 'terrascan' },
  ],
  requires: {
    target: 'source',
    selection: {
      include: ['**/*.{tf,tf.json,tfvars,yaml,yml,json,template,tpl,rego}', '**/Dockerfile*'],
      exclude: [
        // Its settings, which could leave rules out.
        '**/{.terrascan,terrascan}*.toml',
        '**/{package-lock,npm-shrinkwrap,composer.lock,tsconfig}.json',
      ],
    },
  },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json' }],
  faults: [
    { in: 'stderr', pattern: '\\t(FATAL|PANIC)\\t', meaning: 'Terrascan reports an error of its own' },
  ],
  timeoutMs: 600_000,
  expectedMs: 20_000,
  resources: { cpus: 1, memoryMb: 1024 },
  // Its own scale.
  severities: { high: 'high', medium: 'medium', low: 'low' },
  options,
  steps: ({ options, args }) => [
    {
      id: 'scan',
      argv: [
        ...[
          'terrascan',
          'scan',
          '--iac-dir',
          '.',
          '--output',
          'json',
          '--log-level',
          'error',
          '--use-colors',
          'f',
        ],
        ...(options.policies === undefined ? [] : ['--policy-path', options.policies]),
        ...(options.skipRules.length > 0 ? ['--skip-rules', options.skipRules.join(',')] : []),
        ...args,
      ],
      stdout: 'report',
      // 3 for violations, 4 for errors of some kinds of files, 5 for both: the report tells.
      exits: { '0': 'ok', '3': 'ok', '4': 'ok', '5': 'ok' },
    },
  ],
  variants: [sarifVariant(['terrascan'], 'misconfiguration')],
  parse: (raw, context) => readTerrascan(raw.report, context),
  notChecked: ({ skipRules, policies }) => [
    'Terraform modules that are not in the workspace; rules and syntax newer than 2025',
    'how bad a finding is where a runterrascan.io/minseverity or maxseverity annotation says otherwise',
    ...(policies === undefined
      ? ['without a network it has the policies only where its image brings them']
      : []),
    ...(skipRules.length > 0 ? [`Terrascan rules ${skipRules.join(', ')}`] : []),
  ],
  sanitize: (_, text) => sanitizeTerrascan(text),
});
