import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'horusec',
  kind: 'scan',
  category: 'sast',
  // Its last release is of 2023; the repository is not archived.
  tool: { name: 'Horusec', homepage: 'https://horusec.io/', license: 'Apache-2.0', status: 'active' },
  providers: [
    { name: 'release', runtime: 'local', kind: 'release', package: 'ZupIT/horusec', bin: 'horusec' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'horusec', bin: 'horusec' },
    { name: 'image', runtime: 'dagger', kind: 'image', package: 'horuszup/horusec-cli', bin: 'horusec' },
  ],
  requires: {
    target: 'source',
    selection: {
      include: [
        '**/*.{java,kt,kts,cs,vb,cshtml,csproj,xml,js,jsx,ts,tsx,mjs,cjs,dart,swift,yaml,yml,json,properties,env,conf}',
      ],
      exclude: [
        // Its own configuration: which paths, rules and hashes of findings to leave out.
        '**/horusec-config.json',
        '**/.horusec/**',
        // What it passes over anyway.
        '**/{node_modules,vendor,.idea,.vscode}/**',
        '**/{package-lock,composer.lock,npm-shrinkwrap}.json',
      ],
    },
  },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'horusec.json' }],
  faults: [
    {
      in: 'stderr',
      pattern: '^(?:panic: |\\S* ?level=(?:fatal|panic))',
      meaning: 'Horusec reports an error',
    },
    {
      in: 'stderr',
      pattern: 'Some analysis was not completed due to the timeout',
      meaning: 'Horusec reached its own time limit',
    },
  ],
  assets: { rules: 'src/stages/horusec/assets/rules.json' },
  timeoutMs: 600_000,
  expectedMs: 20_000,
  resources: { cpus: 2, memoryMb: 1024 },
  // Its own scale. What it rates by its surroundings alone (a word like "password") it calls critical: high here.
  severities: {
    critical: 'critical',
    high: 'high',
    medium: 'medium',
    low: 'low',
    info: 'info',
    unknown: 'medium',
    // SARIF.
    error: 'high',
    warning: 'medium',
    note: 'low',
    'hs-leaks-26': 'high',
    'hs-leaks-25': 'high',
  },
};
