import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { CODEQL, CODEQL_PROVIDERS, CODEQL_SELECTION } from '../families/codeql/codeql-source.ts';
import { stableSarif } from '../formats/sanitize.ts';
import { sarifVariant } from '../formats/variants.ts';
import { DRIVERS, readCodeql } from './output.ts';

const options = z.object({
  /** Packs or suites of queries that the installation holds, for example `codeql/python-queries`; none: the default suite. */
  queries: z.array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9@:._/-]{0,199}$/)).default([]),
});

export const stage = defineStage<z.infer<typeof options>>({
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
  faults: [
    { in: 'stderr', pattern: '^A fatal error occurred: ', meaning: 'CodeQL reports an error of its own' },
  ],
  timeoutMs: 1_800_000,
  expectedMs: 180_000,
  resources: { cpus: 2, memoryMb: 4096 },
  // By the score that each security query carries; queries without one are about quality.
  severities: { error: 'medium', warning: 'low', note: 'info', recommendation: 'info' },
  options,
  steps: ({ options, args }) => [
    {
      id: 'analyze',
      argv: [
        ...['codeql', 'database', 'analyze', '--format=sarif-latest', '--threads=2', '--ram=3072'],
        // Files that were read, and those that could not be, stand in the report.
        ...['--sarif-add-baseline-file-info', '--no-sarif-add-snippets', '--no-download'],
        { at: 'out', sub: 'codeql.sarif', prefix: '--output=' },
        ...args,
        { at: 'artifact', name: 'db' },
        ...options.queries,
      ],
      exits: { '0': 'ok' },
    },
  ],
  variants: [sarifVariant(DRIVERS, 'code')],
  parse: (raw, context) => readCodeql(raw.report, context),
  notChecked: () => [
    'code in languages but the one that tools.codeql-database.options.language names',
    'code that only a build brings about: Go, Swift and Kotlin are not read without one',
  ],
  sanitize: (_, text) => stableSarif(text),
});
