import { z } from 'zod';
import type { ArgvPart, Step } from '../contract/command.ts';
import { defineStage } from '../contract/definition.ts';
import { authEnv } from '../families/http/http-auth.ts';
import { documentsOf } from './documents.ts';
import { readSchemathesis, sanitizeSchemathesis } from './output.ts';
import { SEVERITIES } from './severities.ts';

const options = z.object({
  /** Test cases generated at most for each operation and phase. */
  maxExamples: z.int().min(1).max(10_000).default(25),
  /** Seconds after which a request counts as unanswered. */
  requestTimeout: z.number().positive().max(600).default(10),
  /** Where GraphQL is served, below the base URL. */
  graphqlPath: z
    .string()
    .regex(/^[A-Za-z0-9._~-]+(\/[A-Za-z0-9._~-]+)*$/)
    .default('graphql'),
});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'schemathesis',
  kind: 'scan',
  category: 'api',
  tool: {
    name: 'Schemathesis',
    homepage: 'https://schemathesis.io',
    license: 'MIT',
    status: 'active',
  },
  providers: [
    { name: 'pypi', runtime: 'local', kind: 'pypi', package: 'schemathesis', bin: 'schemathesis' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'schemathesis', bin: 'schemathesis' },
    {
      name: 'image',
      runtime: 'dagger',
      kind: 'image',
      package: 'schemathesis/schemathesis',
      bin: 'schemathesis',
    },
  ],
  requires: {
    target: 'http',
    details: [['openapi', 'graphql']],
    files: ['openapi', 'graphql'],
    network: 'stack',
    auth: true,
  },
  // The first is of the OpenAPI document, or of the GraphQL schema where that is all there is.
  outputs: [
    { name: 'report', type: 'json', mediaType: 'application/json', file: 'schemathesis.json' },
    {
      name: 'graphql',
      type: 'json',
      mediaType: 'application/json',
      file: 'schemathesis-graphql.json',
      required: false,
    },
  ],
  faults: [
    { in: 'stderr', pattern: '^(Traceback |Error: |Usage: )', meaning: 'Schemathesis failed by itself' },
  ],
  assets: { schemathesis: 'src/stages/schemathesis/assets' },
  timeoutMs: 1_200_000,
  expectedMs: 60_000,
  resources: { cpus: 1, memoryMb: 768 },
  severities: SEVERITIES,
  options,
  steps: ({ options, args, target }) => {
    const step = (id: string, file: string, url: ArgvPart, report: string): Step => ({
      id,
      argv: [
        'schemathesis',
        ...['--config-file', { at: 'asset', name: 'schemathesis', sub: 'schemathesis.toml' } as const],
        ...['run', { at: 'source', sub: file } as const, '--url', url],
        ...['--report-json-path', { at: 'out', sub: report } as const, '--output-sanitize', 'true'],
        // The same cases in every run: a finding that comes and goes is no basis for a gate.
        ...['--generation-deterministic', '--workers', '1', '--no-color'],
        ...['--max-examples', String(options.maxExamples), '--continue-on-failure'],
        ...['--request-timeout', String(options.requestTimeout)],
        ...args,
      ],
      env: {
        SCHEMATHESIS_HOOKS: { at: 'asset', name: 'schemathesis', sub: 'hooks.py' },
        HYPOTHESIS_STORAGE_DIRECTORY: { at: 'tmp', sub: 'hypothesis' },
        ...authEnv(target),
      },
      exits: { '0': 'ok', '1': 'ok' },
    });
    return documentsOf(target).map(({ id, file, output }) =>
      step(
        id,
        file,
        id === 'openapi' ? { at: 'endpoint' } : { at: 'endpoint', sub: options.graphqlPath },
        output === 'report' ? 'schemathesis.json' : 'schemathesis-graphql.json',
      ),
    );
  },
  parse: (raw, context) => readSchemathesis(raw, context),
  sanitize: (_, text) => sanitizeSchemathesis(text),
  notChecked: () => ['documents that the API description refers to in other files: it is read alone'],
});
