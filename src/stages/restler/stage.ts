import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { authEnv, textDetail } from '../families/http/http-auth.ts';
import { bucketsVariant, sanitizeBuckets } from './buckets.ts';
import { bugVariant } from './bug.ts';
import { readRestler, sanitizeSummary } from './output.ts';

const options = z.object({
  /** Seconds after which fuzzing ends. */
  seconds: z.int().min(10).max(36_000).default(600),
});

const WORK = { at: 'tmp', sub: 'restler' } as const;

export const stage = defineStage<z.infer<typeof options>>({
  id: 'restler',
  kind: 'scan',
  category: 'api',
  tool: {
    name: 'RESTler',
    homepage: 'https://github.com/microsoft/restler-fuzzer',
    license: 'MIT',
    status: 'active',
  },
  providers: [
    { name: 'path', runtime: 'local', kind: 'path', package: 'restler', bin: 'Restler' },
    {
      name: 'image',
      runtime: 'dagger',
      kind: 'image',
      package: 'mcr.microsoft.com/restlerfuzzer/restler',
      bin: '/RESTler/restler/Restler',
    },
  ],
  requires: { target: 'http', details: [['openapi']], files: ['openapi'], network: 'stack', auth: true },
  outputs: [
    { name: 'report', type: 'json', mediaType: 'application/json', file: 'testing_summary.json' },
    { name: 'codes', type: 'json', mediaType: 'application/json', file: 'runSummary.json' },
    { name: 'buckets', type: 'text', mediaType: 'text/plain', file: 'bug_buckets.txt', required: false },
  ],
  faults: [
    { in: 'stdout', pattern: '^(ERROR: |Task \\S+ failed)', meaning: 'RESTler reports an error of its own' },
  ],
  assets: { restler: 'src/stages/restler/assets' },
  timeoutMs: 3_600_000,
  expectedMs: 600_000,
  resources: { cpus: 1, memoryMb: 2048 },
  severities: {
    'restler/use-after-free': 'high',
    'restler/namespace-rule': 'high',
    'restler/leakage-rule': 'medium',
    'restler/resource-hierarchy': 'medium',
    'restler/main-driver': 'medium',
    'restler/payload-body': 'medium',
    'restler/invalid-dynamic-object': 'low',
    'restler/examples': 'low',
    'restler/invalid-value': 'low',
    reproduced: 'medium',
    unreproduced: 'low',
  },
  options,
  steps: ({ options, args, target }) => [
    {
      id: 'prepare',
      system: true,
      argv: [
        ...['python3', { at: 'asset', name: 'restler', sub: 'prepare.py' } as const, WORK],
        ...[{ at: 'endpoint' } as const, { at: 'asset', name: 'restler', sub: 'token_module.py' } as const],
        String(options.seconds),
      ],
      env: authEnv(target),
      exits: { '0': 'ok' },
    },
    {
      id: 'compile',
      argv: [
        ...['Restler', '--disable_log_upload', '--workingDirPath', WORK, 'compile'],
        ...['--api_spec', { at: 'source', sub: textDetail(target, 'openapi') ?? '' } as const],
      ],
      env: { RESTLER_TELEMETRY_OPTOUT: '1' },
      exits: { '0': 'ok' },
    },
    {
      id: 'fuzz',
      argv: [
        ...['Restler', '--disable_log_upload', '--workingDirPath', WORK, 'fuzz-lean'],
        ...['--grammar_file', { ...WORK, sub: 'restler/Compile/grammar.py' }],
        ...['--dictionary_file', { ...WORK, sub: 'restler/Compile/dict.json' }],
        ...['--settings', { ...WORK, sub: 'restler/settings.json' }],
        ...args,
      ],
      env: { RESTLER_TELEMETRY_OPTOUT: '1', ...authEnv(target) },
      exits: { '0': 'ok' },
    },
    {
      id: 'collect',
      system: true,
      argv: ['python3', { at: 'asset', name: 'restler', sub: 'collect.py' }, WORK, { at: 'out' }],
      exits: { '0': 'ok' },
    },
  ],
  parse: (raw, context) => readRestler(raw, context),
  variants: [bucketsVariant, bugVariant],
  sanitize: (output, text) => (output === 'buckets' ? sanitizeBuckets(text) : sanitizeSummary(text)),
  notChecked: () => ['longer sequences of requests: each operation is fuzzed once (fuzz-lean)'],
});
