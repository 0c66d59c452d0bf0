import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

const ruleIds = z.array(z.string().regex(/^G[0-9]{3}$/));

export const options = z.object({
  /** Rules to leave out, for example `G104`. */
  exclude: ruleIds.default([]),
  /** Whether `_test.go` files are checked, too. */
  tests: z.boolean().default(true),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'gosec',
  kind: 'scan',
  category: 'sast',
  tool: { name: 'gosec', homepage: 'https://securego.io/', license: 'Apache-2.0', status: 'active' },
  providers: [
    {
      name: 'go',
      runtime: 'local',
      kind: 'go',
      package: 'github.com/securego/gosec/v2/cmd/gosec',
      bin: 'gosec',
    },
    { name: 'release', runtime: 'local', kind: 'release', package: 'securego/gosec', bin: 'gosec' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'gosec', bin: 'gosec' },
    { name: 'image', runtime: 'dagger', kind: 'image', package: 'securego/gosec', bin: 'gosec' },
  ],
  requires: {
    target: 'source',
    // It passes over vendored packages anyway.
    selection: { include: ['**/*.go', '**/go.{mod,sum}'], exclude: ['**/vendor/**'] },
  },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'gosec.json' }],
  faults: [
    {
      in: 'stderr',
      pattern: 'executable file not found|^panic: ',
      meaning: 'gosec reports an error, or that Go is missing',
    },
  ],
  timeoutMs: 600_000,
  expectedMs: 30_000,
  resources: { cpus: 2, memoryMb: 1024 },
  severities: { high: 'high', medium: 'medium', low: 'low', undefined: 'medium' },
};
