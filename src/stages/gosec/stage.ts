import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { sarifVariant } from '../formats/variants.ts';
import { readGosec, sanitizeGosec } from './output.ts';

const ruleIds = z.array(z.string().regex(/^G[0-9]{3}$/));

const options = z.object({
  /** Rules to leave out, for example `G104`. */
  exclude: ruleIds.default([]),
  /** Whether `_test.go` files are checked, too. */
  tests: z.boolean().default(true),
});

export const stage = defineStage<z.infer<typeof options>>({
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
      meaning: 'gosec reports an error of its own, or that Go is missing',
    },
  ],
  timeoutMs: 600_000,
  expectedMs: 30_000,
  resources: { cpus: 2, memoryMb: 1024 },
  severities: { high: 'high', medium: 'medium', low: 'low', undefined: 'info' },
  options,
  steps: ({ options, args }) => [
    {
      id: 'scan',
      argv: [
        // Comments (`#nosec`) must not silence a finding.
        ...['gosec', '-nosec', '-fmt', 'json'],
        ...(options.tests ? ['-tests'] : []),
        ...(options.exclude.length > 0 ? [`-exclude=${options.exclude.join(',')}`] : []),
        ...args,
        { at: 'out', sub: 'gosec.json', prefix: '-out=' },
        './...',
      ],
      env: {
        // It asks Go for the packages: that of the system, wherever the two usual ways put it.
        PATH: '/usr/local/go/bin:/usr/bin:/bin',
        // Nothing is fetched, built with C, or started in another version that the tree asks for.
        GOFLAGS: '-mod=mod',
        GOPROXY: 'off',
        GOSUMDB: 'off',
        GOTOOLCHAIN: 'local',
        GOWORK: 'off',
        CGO_ENABLED: '0',
        GOCACHE: { at: 'tmp', sub: 'go-build' },
        GOPATH: { at: 'tmp', sub: 'go' },
      },
      // 1 also for files that it could not check: the report tells.
      exits: { '0': 'ok', '1': 'ok' },
    },
  ],
  variants: [sarifVariant(['gosec'], 'code')],
  parse: (raw, context) => readGosec(raw.report, context),
  notChecked: ({ exclude, tests }) => [
    'types of Go modules that are not in the workspace: rules that need them see less',
    ...(exclude.length > 0 ? [`gosec rules ${exclude.join(', ')}`] : []),
    ...(tests ? [] : ['Go test files']),
  ],
  sanitize: (_, text) => sanitizeGosec(text),
});
