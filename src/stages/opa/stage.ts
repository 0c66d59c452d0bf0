import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { workspacePath } from '../contract/workspace-path.ts';

export const options = z.object({
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

export type Options = z.infer<typeof options>;

export const stage: StageData = {
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
      meaning: 'OPA reports an error',
    },
  ],
  assets: { pack: 'src/stages/families/rego/assets' },
  timeoutMs: 300_000,
  expectedMs: 2_000,
  resources: { cpus: 1, memoryMb: 512 },
  // A policy may name its own severity.
  severities: {
    critical: 'critical',
    high: 'high',
    medium: 'medium',
    low: 'low',
    info: 'info',
    violation: 'high',
  },
};
