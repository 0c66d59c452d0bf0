import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { CODEQL, CODEQL_PROVIDERS, CODEQL_SELECTION } from '../families/codeql/codeql-source.ts';
import { readTreeList } from '../formats/tree-list.ts';

const options = z.object({
  /** What is read; each database holds one language. Go and Swift are not among them: CodeQL reads them by building them. */
  language: z
    .enum(['actions', 'c-cpp', 'csharp', 'java-kotlin', 'javascript-typescript', 'python', 'ruby', 'rust'])
    .default('python'),
});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'codeql-database',
  kind: 'database',
  category: 'sast',
  tool: CODEQL,
  providers: CODEQL_PROVIDERS,
  requires: { target: 'source', selection: CODEQL_SELECTION },
  outputs: [{ name: 'db', type: 'database', mediaType: 'application/octet-stream', file: 'db', tree: true }],
  faults: [
    {
      in: 'stderr',
      pattern: '^A fatal error occurred: |did not (?:see|detect) any code',
      meaning: 'CodeQL reports an error of its own, or that it saw no code of that language',
    },
  ],
  timeoutMs: 1_800_000,
  expectedMs: 120_000,
  resources: { cpus: 2, memoryMb: 4096 },
  severities: {},
  options,
  steps: ({ options, args }) => [
    {
      id: 'create',
      argv: [
        ...['codeql', 'database', 'create', `--language=${options.language}`, '--source-root=.'],
        // No build is run: it would be a command of the tree.
        ...['--build-mode=none', '--threads=2', '--ram=3072', '--no-run-unnecessary-builds'],
        ...args,
        { at: 'out', sub: 'db' },
      ],
      exits: { '0': 'ok' },
    },
  ],
  parse: (raw) => {
    const tree = readTreeList('db', raw.db);
    if (!tree.ok) return tree;
    const has = (pattern: RegExp) => tree.list.files.some(({ path, size }) => pattern.test(path) && size > 0);
    // A whole database has its description and a copy of the sources that it was made of.
    const whole = has(/^codeql-database\.yml$/) && has(/^src\.zip$|^src\//);
    return {
      ok: true,
      findings: [],
      notes: [],
      examined: {
        count: whole ? tree.list.files.length : 0,
        unit: 'files',
        evidence: 'files of the database, its description and its sources among them',
      },
    };
  },
});
