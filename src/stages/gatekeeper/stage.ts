import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({
  /** Whether secplan's own constraints are applied besides those that lie among the manifests. */
  pack: z.boolean().default(true),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'gatekeeper',
  kind: 'scan',
  category: 'kubernetes',
  tool: {
    name: 'Gatekeeper',
    homepage: 'https://open-policy-agent.github.io/gatekeeper/website/docs/gator',
    license: 'Apache-2.0',
    status: 'active',
  },
  providers: [
    {
      name: 'go',
      runtime: 'local',
      kind: 'go',
      package: 'github.com/open-policy-agent/gatekeeper/v3/cmd/gator',
      bin: 'gator',
    },
    {
      name: 'release',
      runtime: 'local',
      kind: 'release',
      package: 'open-policy-agent/gatekeeper',
      bin: 'gator',
    },
    { name: 'path', runtime: 'local', kind: 'path', package: 'gator', bin: 'gator' },
    { name: 'image', runtime: 'dagger', kind: 'image', package: 'openpolicyagent/gator', bin: '/gator' },
  ],
  // Templates and constraints among the manifests are applied by themselves. Of other YAML it reads a source tree
  // would be full, and it ends at the first file that is no Kubernetes object: hence not the source target.
  requires: { target: 'kubernetes', selection: { include: ['**/*.{yaml,yml,json}'] } },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json' }],
  faults: [
    {
      in: 'stderr',
      pattern: '^(?:reading|auditing objects|creating|adding|[Ee]rror)\\b.*:',
      meaning: 'gator reports an error',
    },
  ],
  assets: { canary: 'src/stages/gatekeeper/assets/canary', pack: 'src/stages/gatekeeper/assets/pack' },
  timeoutMs: 300_000,
  expectedMs: 2_000,
  resources: { cpus: 1, memoryMb: 512 },
  // What a constraint does where it is in force; rules of our own pack by their names.
  severities: {
    deny: 'high',
    warn: 'medium',
    scoped: 'medium',
    dryrun: 'low',
    'secplan-no-privileged-container': 'critical',
    'secplan-no-host-access': 'high',
    'secplan-no-root-user': 'medium',
  },
};
