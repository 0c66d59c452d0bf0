import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { workspacePath } from '../contract/workspace-path.ts';

export const options = z.object({
  /** Folder or file of the workspace that holds its Rego policies; absent: secplan's own small pack is applied. */
  policy: workspacePath.optional(),
  /** Folders or files whose JSON and YAML the policies see as `data`. */
  data: z.array(workspacePath).default([]),
  /** Folders and files that are tested. */
  paths: z.array(workspacePath).min(1).default(['.']),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
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
  faults: [{ in: 'stderr', pattern: '^Error: ', meaning: 'Conftest reports an error' }],
  assets: { pack: 'src/stages/families/rego/assets' },
  timeoutMs: 300_000,
  expectedMs: 2_000,
  resources: { cpus: 1, memoryMb: 512 },
  // A policy may name its own severity; else `deny` and `violation` are failures, `warn` is a warning.
  severities: {
    critical: 'critical',
    high: 'high',
    medium: 'medium',
    low: 'low',
    info: 'info',
    failure: 'high',
    warning: 'medium',
  },
};
