import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { PYTHON_FILES } from '../families/python/python-files.ts';

const testIds = z.array(z.string().regex(/^B[0-9]{3}$/));

export const options = z.object({
  /** Ids of the only tests to run; none: all of them. */
  tests: testIds.default([]),
  /** Ids of tests to leave out. */
  skips: testIds.default([]),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'bandit',
  kind: 'scan',
  category: 'sast',
  perFile: true,
  tool: {
    name: 'Bandit',
    homepage: 'https://bandit.readthedocs.io/',
    license: 'Apache-2.0',
    status: 'active',
  },
  providers: [
    { name: 'pypi', runtime: 'local', kind: 'pypi', package: 'bandit', bin: 'bandit' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'bandit', bin: 'bandit' },
  ],
  // A `.bandit` file, which could switch tests off, is not among the files that it sees.
  requires: { target: 'source', selection: { include: PYTHON_FILES, interpreters: ['python', 'pypy'] } },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'bandit.json' }],
  faults: [{ in: 'stderr', pattern: '^Traceback ', meaning: 'Bandit reports an error' }],
  assets: { all: 'src/stages/bandit/assets/all-files.yaml' },
  timeoutMs: 300_000,
  expectedMs: 600,
  resources: { cpus: 1, memoryMb: 256 },
  severities: { high: 'high', medium: 'medium', low: 'low', undefined: 'medium' },
};
