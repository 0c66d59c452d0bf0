import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { CODEQL, CODEQL_PROVIDERS, CODEQL_SELECTION } from '../families/codeql/codeql-source.ts';

/** The files that each language's database holds. */
const READS: Readonly<Record<string, readonly string[]>> = {
  actions: ['.github/workflows/**'],
  'c-cpp': ['**/*.{c,cc,cpp,cxx,h,hh,hpp}'],
  csharp: ['**/*.cs'],
  'java-kotlin': ['**/*.{java,kt,kts}'],
  'javascript-typescript': ['**/*.{js,jsx,mjs,cjs,ts,tsx,vue}'],
  python: ['**/*.py'],
  ruby: ['**/*.{rb,erb}'],
  rust: ['**/*.rs'],
};

export const options = z.object({
  /** What is read; each database holds one language. Go and Swift are not among them: CodeQL reads them by building them. */
  language: z
    .enum(['actions', 'c-cpp', 'csharp', 'java-kotlin', 'javascript-typescript', 'python', 'ruby', 'rust'])
    .default('python'),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'codeql-database',
  kind: 'database',
  category: 'sast',
  looksFor: Object.entries(READS).map(([is, reads]) => ({
    category: 'sast',
    reads,
    when: { option: 'language', is },
  })),
  tool: CODEQL,
  providers: CODEQL_PROVIDERS,
  requires: { target: 'source', selection: CODEQL_SELECTION },
  outputs: [{ name: 'db', type: 'database', mediaType: 'application/octet-stream', file: 'db', tree: true }],
  faults: [
    {
      in: 'stderr',
      pattern: '^A fatal error occurred: |did not (?:see|detect) any code',
      meaning: 'CodeQL reports an error, or that it found no code in that language',
    },
  ],
  timeoutMs: 1_800_000,
  expectedMs: 120_000,
  resources: { cpus: 2, memoryMb: 4096 },
  severities: {},
};
