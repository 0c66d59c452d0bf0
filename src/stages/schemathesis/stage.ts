import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { SEVERITIES } from './severities.ts';

export const options = z.object({
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

export type Options = z.infer<typeof options>;

export const stage: StageData = {
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
  faults: [{ in: 'stderr', pattern: '^(Traceback |Error: |Usage: )', meaning: 'Schemathesis failed' }],
  assets: { schemathesis: 'src/stages/schemathesis/assets' },
  timeoutMs: 1_200_000,
  expectedMs: 60_000,
  resources: { cpus: 1, memoryMb: 768 },
  severities: SEVERITIES,
};
