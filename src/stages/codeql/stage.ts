import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { CODEQL, CODEQL_PROVIDERS, CODEQL_SELECTION } from '../families/codeql/codeql-source.ts';

export const options = z.object({
  /** Packs or suites of queries that the installation holds, for example `codeql/python-queries`; none: the default suite. */
  queries: z.array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9@:._/-]{0,199}$/)).default([]),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'codeql',
  kind: 'scan',
  category: 'sast',
  tool: CODEQL,
  providers: CODEQL_PROVIDERS,
  requires: {
    target: 'source',
    selection: CODEQL_SELECTION,
    // It keeps its results in the database: a copy.
    consumes: [{ name: 'db', type: 'database', from: 'codeql-database', writable: true }],
  },
  outputs: [{ name: 'report', type: 'sarif', mediaType: 'application/sarif+json', file: 'codeql.sarif' }],
  faults: [{ in: 'stderr', pattern: '^A fatal error occurred: ', meaning: 'CodeQL reports an error' }],
  timeoutMs: 1_800_000,
  expectedMs: 180_000,
  resources: { cpus: 2, memoryMb: 4096 },
  // By the score that each security query carries; queries without one are about quality.
  severities: { error: 'medium', warning: 'low', note: 'info', recommendation: 'info' },
};
