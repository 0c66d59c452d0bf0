import * as z from 'zod';
import type { Provider } from '../contract/provider.ts';
import type { StageData } from '../contract/stage.ts';

const COP = { standsInAs: 'GraphQL Cop' } as const;

const providers: readonly Provider[] = [
  { name: 'path', runtime: 'local', kind: 'path', package: 'graphql-cop', bin: 'graphql-cop.py', ...COP },
  // Its project publishes no name on PATH: the image starts Python on the script in its working folder.
  { name: 'image', runtime: 'dagger', kind: 'image', package: 'dolevf/graphql-cop', bin: 'python', ...COP },
];

export const options = z.object({
  /** Where GraphQL is served, below the base URL. */
  graphqlPath: z
    .string()
    .regex(/^[A-Za-z0-9._~-]+(\/[A-Za-z0-9._~-]+)*$/)
    .default('graphql'),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'graphql-raider',
  kind: 'scan',
  category: 'api',
  // An extension of Burp, which starts from no command line. GraphQL Cop asks what a tester would with it, and is named.
  tool: {
    name: 'GraphQL Raider',
    homepage: 'https://portswigger.net/bappstore/4841f0d78a554ca381c65b26d48207e6',
    license: 'NOASSERTION',
    status: 'active',
  },
  providers,
  requires: { target: 'http', details: [['graphql']], files: ['graphql'], network: 'stack', auth: true },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json' }],
  faults: [{ in: 'stderr', pattern: '^(Traceback |\\S+Error: )', meaning: 'GraphQL Cop failed' }],
  assets: { cop: 'src/stages/graphql-raider/assets' },
  timeoutMs: 600_000,
  expectedMs: 5_000,
  resources: { cpus: 1, memoryMb: 256 },
  severities: {
    // Rated high by the tool: what it tells is meant to be public in many an API.
    'graphql/introspection': 'medium',
    high: 'high',
    medium: 'medium',
    low: 'low',
    info: 'info',
  },
};
