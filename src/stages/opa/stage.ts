import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { workspacePath } from '../contract/workspace-path.ts';
import { readOpa, sanitizeOpa } from './output.ts';

const options = z.object({
  /** Folder of the workspace that is loaded as a bundle of policies; absent: secplan's own small pack is applied. */
  policy: workspacePath.optional(),
  /** The rule that is asked, for example `main/deny`: a set or a list of what is wrong, or whether anything is. */
  decision: z
    .string()
    .regex(/^[A-Za-z_][\w/]{0,200}$/)
    .default('main/deny'),
  /** Folders and files that it is asked of. */
  paths: z.array(workspacePath).min(1).default(['.']),
});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'opa',
  kind: 'scan',
  category: 'iac',
  tool: {
    name: 'Open Policy Agent',
    homepage: 'https://www.openpolicyagent.org',
    license: 'Apache-2.0',
    status: 'active',
  },
  providers: [
    { name: 'go', runtime: 'local', kind: 'go', package: 'github.com/open-policy-agent/opa', bin: 'opa' },
    { name: 'release', runtime: 'local', kind: 'release', package: 'open-policy-agent/opa', bin: 'opa' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'opa', bin: 'opa' },
    { name: 'image', runtime: 'dagger', kind: 'image', package: 'openpolicyagent/opa', bin: '/opa' },
  ],
  requires: {
    target: 'source',
    selection: {
      include: ['**/*.{yaml,yml,json,rego}'],
      exclude: ['**/templates/**', '**/{package-lock,npm-shrinkwrap,composer.lock,tsconfig}.json'],
    },
  },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json' }],
  faults: [
    {
      in: 'stderr',
      pattern: '^(?:error: |\\{.*"level":"error")',
      meaning: 'OPA reports an error of its own',
    },
  ],
  assets: { pack: 'src/stages/families/rego/assets' },
  timeoutMs: 300_000,
  expectedMs: 2_000,
  resources: { cpus: 1, memoryMb: 512 },
  // A policy may name a severity of its own.
  severities: {
    critical: 'critical',
    high: 'high',
    medium: 'medium',
    low: 'low',
    info: 'info',
    violation: 'high',
  },
  options,
  steps: ({ options, args }) => [
    {
      id: 'exec',
      argv: [
        ...['opa', 'exec', '--format', 'json', '--log-level', 'error'],
        ...['--decision', options.policy === undefined ? 'secplan/deny' : options.decision],
        '--bundle',
        options.policy ?? { at: 'asset', name: 'pack' },
        ...args,
        ...options.paths,
      ],
      stdout: 'report',
      // Without one of the --fail flags its code says nothing of what the policies say.
      exits: { '0': 'ok' },
    },
  ],
  parse: (raw, context) =>
    readOpa(raw.report, context, (context.options as z.infer<typeof options>).decision),
  notChecked: ({ policy }) => [
    'YAML documents of a file after the first, and what is neither YAML nor JSON',
    ...(policy === undefined
      ? ["policies of the workspace's own: none is named (policy option), only secplan's pack is applied"]
      : []),
  ],
  sanitize: (_, text) => sanitizeOpa(text),
});
