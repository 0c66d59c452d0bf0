import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { readTfsec, sanitizeTrace } from './output.ts';
import { variants } from './variants.ts';

const options = z.object({
  /** Rules to leave out, by their long names, for example `aws-s3-enable-versioning`. */
  exclude: z.array(z.string().regex(/^[a-z0-9-]{1,100}$/)).default([]),
});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'tfsec',
  kind: 'scan',
  category: 'iac',
  // Its project points to Trivy, which holds its rules now.
  tool: {
    name: 'tfsec',
    homepage: 'https://aquasecurity.github.io/tfsec',
    license: 'MIT',
    status: 'archived',
  },
  providers: [
    {
      name: 'go',
      runtime: 'local',
      kind: 'go',
      package: 'github.com/aquasecurity/tfsec/cmd/tfsec',
      bin: 'tfsec',
    },
    { name: 'release', runtime: 'local', kind: 'release', package: 'aquasecurity/tfsec', bin: 'tfsec' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'tfsec', bin: 'tfsec' },
    { name: 'image', runtime: 'dagger', kind: 'image', package: 'aquasec/tfsec', bin: 'tfsec' },
  ],
  requires: {
    target: 'source',
    // Settings and checks of the tree's own (.tfsec, *_tfchecks) could leave rules out: they are not in the view.
    selection: { include: ['**/*.{tf,tf.json}', '**/*.tfvars'], exclude: ['**/.tfsec/**'] },
  },
  outputs: [
    { name: 'report', type: 'json', mediaType: 'application/json', file: 'tfsec.json' },
    { name: 'trace', type: 'text', mediaType: 'text/plain', mayBeEmpty: true },
  ],
  faults: [{ in: 'stderr', pattern: '^(Error: |panic: )', meaning: 'tfsec reports an error of its own' }],
  timeoutMs: 300_000,
  expectedMs: 3_000,
  resources: { cpus: 1, memoryMb: 512 },
  // Its own scale; `error`, `warning` and `info` are those of versions before 0.40.
  severities: {
    critical: 'critical',
    high: 'high',
    medium: 'medium',
    low: 'low',
    error: 'high',
    warning: 'medium',
    info: 'low',
  },
  options,
  steps: ({ options, args }) => [
    {
      id: 'scan',
      argv: [
        ...['tfsec', '.', '--format', 'json', '--no-color', '--no-code'],
        // Comments and a broken file must not silence the rest; nothing is fetched.
        ...['--no-ignores', '--ignore-hcl-errors', '--force-all-dirs', '--no-module-downloads'],
        // Its code would be 1 for findings and for errors alike.
        ...['--soft-fail', '--debug'],
        ...(options.exclude.length > 0 ? ['--exclude', options.exclude.join(',')] : []),
        ...args,
        ...['--out', { at: 'out', sub: 'tfsec.json' } as const],
      ],
      // Its debug log names every file that it parsed, and those that it could not.
      stderr: 'trace',
      exits: { '0': 'ok' },
    },
  ],
  variants,
  parse: (raw, context) => readTfsec(raw.report, raw.trace, context),
  notChecked: ({ exclude }) => [
    'Terraform modules that are not in the workspace',
    ...(exclude.length > 0 ? [`tfsec rules ${exclude.join(', ')}`] : []),
  ],
  sanitize: (output, text) => (output === 'trace' ? sanitizeTrace(text) : text),
});
