import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';
import { PYTHON_FILES } from '../families/python/python-files.ts';

export const options = z.object({
  /** Rule selectors, as `ruff check --select` takes them. */
  select: z
    .array(z.string().regex(/^[A-Z]+[0-9]*$/))
    .min(1)
    .default(['S']),
  ignore: z.array(z.string().regex(/^[A-Z]+[0-9]*$/)).default([]),
});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'ruff',
  kind: 'scan',
  category: 'sast',
  perFile: true,
  tool: { name: 'Ruff', homepage: 'https://docs.astral.sh/ruff/', license: 'MIT', status: 'active' },
  providers: [{ name: 'pypi', runtime: 'local', kind: 'pypi', package: 'ruff', bin: 'ruff' }],
  requires: {
    target: 'source',
    selection: { include: [...PYTHON_FILES, '**/*.pyi', '**/*.ipynb'], interpreters: ['python', 'pypy'] },
  },
  outputs: [
    { name: 'report', type: 'sarif', mediaType: 'application/sarif+json', file: 'ruff.sarif' },
    { name: 'text', type: 'text', mediaType: 'text/plain', publishAs: 'ruff.txt' },
    { name: 'files', type: 'text', mediaType: 'text/plain', mayBeEmpty: true },
  ],
  faults: [{ in: 'stderr', pattern: '^(error|ruff failed)', meaning: 'ruff reports an error' }],
  timeoutMs: 60_000,
  expectedMs: 200,
  resources: { cpus: 1, memoryMb: 256 },
  // Ruff calls every rule an error; the ones that Bandit itself rates otherwise are listed.
  severities: {
    error: 'medium',
    warning: 'low',
    note: 'info',
    s101: 'low',
    s105: 'low',
    s106: 'low',
    s107: 'low',
    s110: 'low',
    s112: 'low',
    s311: 'low',
    s324: 'high',
    s404: 'low',
    s501: 'high',
    s602: 'high',
    s603: 'low',
    s605: 'high',
    s607: 'low',
    s701: 'high',
  },
};
