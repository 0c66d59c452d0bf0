import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { workspacePath } from '../contract/workspace-path.ts';
import { sarifVariant } from '../formats/variants.ts';
import { readConftest, sanitizeConftest } from './output.ts';

const options = z.object({
  /** Folder or file of the workspace that holds its Rego policies; absent: secplan's own small pack is applied. */
  policy: workspacePath.optional(),
  /** Folders or files whose JSON and YAML the policies see as `data`. */
  data: z.array(workspacePath).default([]),
  /** Folders and files that are tested. */
  paths: z.array(workspacePath).min(1).default(['.']),
});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'conftest',
  kind: 'scan',
  category: 'iac',
  tool: { name: 'Conftest', homepage: 'https://www.conftest.dev', license: 'Apache-2.0', status: 'active' },
  providers: [
    {
      name: 'go',
      runtime: 'local',
      kind: 'go',
      package: 'github.com/open-policy-agent/conftest',
      bin: 'conftest',
    },
    {
      name: 'release',
      runtime: 'local',
      kind: 'release',
      package: 'open-policy-agent/conftest',
      bin: 'conftest',
    },
    { name: 'path', runtime: 'local', kind: 'path', package: 'conftest', bin: 'conftest' },
    { name: 'image', runtime: 'dagger', kind: 'image', package: 'openpolicyagent/conftest', bin: 'conftest' },
  ],
  requires: {
    target: 'source',
    selection: {
      include: ['**/*.{tf,yaml,yml,json,rego}', '**/{Dockerfile,dockerfile,Containerfile}*'],
      exclude: [
        // Templates are no YAML before they are filled in, and one file that does not parse ends the whole run.
        '**/templates/**',
        '**/{package-lock,npm-shrinkwrap,composer.lock,tsconfig}.json',
        // Its settings (conftest.toml) are not in the view: they could point it to other policies.
      ],
    },
  },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json' }],
  faults: [{ in: 'stderr', pattern: '^Error: ', meaning: 'Conftest reports an error of its own' }],
  assets: { pack: 'src/stages/families/rego/assets' },
  timeoutMs: 300_000,
  expectedMs: 2_000,
  resources: { cpus: 1, memoryMb: 512 },
  // A policy may name a severity of its own; else `deny` and `violation` are failures, `warn` is a warning.
  severities: {
    critical: 'critical',
    high: 'high',
    medium: 'medium',
    low: 'low',
    info: 'info',
    failure: 'high',
    warning: 'medium',
  },
  options,
  steps: ({ options, args }) => [
    {
      id: 'test',
      argv: [
        ...['conftest', 'test', '--output', 'json', '--no-color', '--all-namespaces'],
        // Then any other code than 0 is its own failure.
        '--no-fail',
        '--policy',
        options.policy ?? { at: 'asset', name: 'pack' },
        ...options.data.flatMap((path) => ['--data', path]),
        ...args,
        ...options.paths,
      ],
      stdout: 'report',
      exits: { '0': 'ok' },
    },
  ],
  variants: [sarifVariant(['conftest'], 'misconfiguration')],
  parse: (raw, context) => readConftest(raw.report, context),
  notChecked: ({ policy }) => [
    "Helm templates, and files in formats other than Terraform's HCL, YAML, JSON and Dockerfile",
    'every file, where one cannot be parsed: Conftest stops at the first such file, and the stage is then incomplete',
    ...(policy === undefined
      ? ["policies of the workspace's own: none is named (policy option), only secplan's pack is applied"]
      : []),
  ],
  sanitize: (_, text) => sanitizeConftest(text),
});
