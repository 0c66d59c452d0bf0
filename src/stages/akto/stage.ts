import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { readAkto, sanitizeAkto } from './output.ts';

const options = z.object({
  /** URL of the dashboard that holds the collection and the tests. */
  dashboard: z
    .string()
    .regex(/^https?:\/\/[^\s/]\S*$/)
    .optional(),
  /** Number of the collection of APIs in the dashboard. */
  collection: z.int().positive().optional(),
  /** Ids of tests; without any, all. */
  tests: z.array(z.string().regex(/^[A-Z0-9_]{1,100}$/)).default([]),
});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'akto',
  kind: 'scan',
  category: 'api',
  tool: {
    name: 'Akto',
    homepage: 'https://github.com/akto-api-security/akto',
    license: 'MIT',
    status: 'active',
  },
  providers: [
    { name: 'path', runtime: 'local', kind: 'path', package: 'akto', bin: 'akto-testing-cli' },
    {
      name: 'image',
      runtime: 'dagger',
      kind: 'image',
      package: 'aktosecurity/akto-api-testing-cli',
      bin: 'java',
    },
  ],
  // The dashboard, too, has to be reached: as a service of the stack, or by tools.akto.network; its key is the secret
  // AKTO_API_KEY (tools.akto.secrets).
  requires: { target: 'http', network: 'stack' },
  outputs: [{ name: 'report', type: 'text', mediaType: 'text/plain' }],
  faults: [{ in: 'stderr', pattern: '^Exception in thread ', meaning: 'Akto failed by itself' }],
  timeoutMs: 1_800_000,
  expectedMs: 120_000,
  resources: { cpus: 1, memoryMb: 1024 },
  severities: { critical: 'critical', high: 'high', medium: 'medium', low: 'low', info: 'info' },
  options,
  // Without a dashboard and a collection there is nothing that it could test: the stage is incomplete.
  steps: ({ options: { dashboard, collection, tests }, args, provider }) =>
    dashboard === undefined || collection === undefined
      ? []
      : [
          {
            id: 'test',
            argv: [
              ...(provider.kind === 'image'
                ? ['java', '-jar', '/app/testing-cli-1.0-SNAPSHOT-jar-with-dependencies.jar']
                : ['akto-testing-cli']),
              ...args,
            ],
            env: {
              AKTO_DASHBOARD_URL: dashboard,
              API_COLLECTION_ID: String(collection),
              TEST_IDS: tests.length === 0 ? 'all' : tests.join(' '),
              OVERRIDE_APP_URL: { at: 'endpoint' },
              // Its last line then tells that it came to its end.
              OUTPUT_LEVEL: 'SUMMARY',
            },
            stdout: 'report',
            exits: { '0': 'ok' },
          },
        ],
  parse: (raw) => readAkto(raw.report),
  sanitize: (_, text) => sanitizeAkto(text),
  notChecked: ({ dashboard, collection }) => [
    'tests that need what the dashboard learned of traffic (context tests)',
    ...(dashboard === undefined || collection === undefined
      ? ['every API: no dashboard or no collection is named (options dashboard, collection)']
      : []),
  ],
});
