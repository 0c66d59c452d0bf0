import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { workspacePath } from '../contract/workspace-path.ts';

export const options = z.object({
  /** Folder of the workspace with its policies; absent: those that the image brings, else it fetches them. */
  policies: workspacePath.optional(),
  /** Rules to leave out, for example `AC_AWS_0210`. */
  skipRules: z.array(z.string().regex(/^[A-Za-z0-9_.]{1,80}$/)).default([]),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
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
  faults: [{ in: 'stderr', pattern: '\\t(FATAL|PANIC)\\t', meaning: 'Terrascan reports an error' }],
  timeoutMs: 600_000,
  expectedMs: 20_000,
  resources: { cpus: 1, memoryMb: 1024 },
  // Its own scale.
  severities: { high: 'high', medium: 'medium', low: 'low' },
};
