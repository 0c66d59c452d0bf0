import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({
  /** Ids of rules to leave out, for example `secplan.dockerfile.image-not-pinned`. */
  excludeRules: z.array(z.string().regex(/^[A-Za-z0-9_.-]+$/)).default([]),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'opengrep',
  kind: 'scan',
  category: 'sast',
  perFile: true,
  tool: {
    name: 'Opengrep',
    homepage: 'https://www.opengrep.dev/',
    license: 'LGPL-2.1-only',
    status: 'active',
  },
  providers: [
    {
      name: 'semgrep',
      runtime: 'local',
      kind: 'pypi',
      package: 'semgrep',
      bin: 'semgrep',
      standsInAs: 'Semgrep',
    },
    {
      name: 'tackbox-opengrep',
      runtime: 'local',
      kind: 'pypi',
      package: 'tackbox-opengrep',
      bin: 'python',
      thirdParty: 'tackbox',
    },
    { name: 'release', runtime: 'local', kind: 'release', package: 'opengrep/opengrep', bin: 'opengrep' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'opengrep', bin: 'opengrep' },
    {
      name: 'image',
      runtime: 'dagger',
      kind: 'image',
      package: 'semgrep/semgrep',
      bin: 'semgrep',
      standsInAs: 'Semgrep',
    },
  ],
  requires: {
    target: 'source',
    selection: {
      // What the pack has rules for, by the names that the engine takes for these languages.
      include: [
        '**/*.{py,pyi,js,jsx,cjs,mjs,ts,tsx,go,java,yml,yaml}',
        '**/{Dockerfile,dockerfile}',
        '**/*.{Dockerfile,dockerfile}',
      ],
      interpreters: ['python', 'pypy', 'node'],
    },
  },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'opengrep.json' }],
  faults: [{ in: 'stderr', pattern: '^Fatal error: ', meaning: 'the engine reports a fatal error' }],
  assets: {
    rules: 'rules/secplan.yaml',
    authority: 'src/stages/opengrep/assets/no-authority.pem',
    start: 'src/stages/opengrep/assets/start.py',
  },
  timeoutMs: 600_000,
  expectedMs: 5_000,
  resources: { cpus: 1, memoryMb: 1024 },
  // Levels of rules that are not secplan's own; those carry their severity with them.
  severities: { error: 'high', warning: 'medium', info: 'low', inventory: 'info', experiment: 'info' },
};
