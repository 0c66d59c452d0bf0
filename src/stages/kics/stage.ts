import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({
  /** Kinds of files to look at, as KICS names them, for example `Terraform`; absent: all. */
  types: z.array(z.string().regex(/^[A-Za-z]{1,40}$/)).default([]),
  /** Queries to leave out, by their ids. */
  excludeQueries: z.array(z.string().regex(/^[0-9a-f-]{36}$/)).default([]),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'kics',
  kind: 'scan',
  category: 'iac',
  tool: { name: 'KICS', homepage: 'https://kics.io', license: 'Apache-2.0', status: 'active' },
  // It looks for its queries beside the program: `go install` would leave them behind.
  providers: [
    {
      ...{ name: 'go', runtime: 'local', kind: 'go', package: 'github.com/Checkmarx/kics/v2/cmd/console' },
      ...{ bin: 'kics', fromModule: true, keep: ['assets/queries'] },
    },
    { name: 'path', runtime: 'local', kind: 'path', package: 'kics', bin: 'kics' },
    {
      ...{ name: 'image', runtime: 'dagger', kind: 'image', package: 'checkmarx/kics', bin: '/app/bin/kics' },
      refused: [
        {
          versions: ['v2.1.20', 'v2.1.20-debian', 'v2.1.21', 'v2.1.21-debian', 'latest', 'alpine', 'debian'],
          advisory: 'tags that were overwritten with a credential stealer on 2026-04-22',
        },
      ],
    },
  ],
  requires: {
    target: 'source',
    selection: {
      include: [
        '**/*.{tf,tfvars,yaml,yml,json,bicep,proto,template,tpl,cfg,conf,ini}',
        '**/{Dockerfile,dockerfile,Containerfile}*',
        '**/*.{Dockerfile,dockerfile}',
      ],
      exclude: [
        // Its settings in the tree can leave everything out.
        '**/kics.{config,json,yaml,yml,toml,hcl}',
        '**/{package-lock,npm-shrinkwrap,composer.lock,tsconfig}.json',
      ],
    },
  },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'kics.json' }],
  faults: [
    {
      in: 'stderr',
      pattern: '^(Error: |panic: )|\\b(ERR|FTL) ',
      meaning: 'KICS reports an error',
    },
    { in: 'stdout', pattern: '\\b(FTL|PNC) ', meaning: 'KICS reports an error' },
  ],
  timeoutMs: 900_000,
  expectedMs: 60_000,
  resources: { cpus: 2, memoryMb: 2048 },
  // Its own scale.
  severities: {
    critical: 'critical',
    high: 'high',
    medium: 'medium',
    low: 'low',
    info: 'info',
    trace: 'info',
  },
};
