export const TOY_ID = 'toy-scanner';

/** The three modules of a scanner, as small as they can be. */
export const TOY_STAGE = `import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({ quick: z.boolean().default(false) });

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: 'toy-scanner',
  kind: 'scan',
  category: 'sast',
  tool: { name: 'Toy', homepage: 'https://example.com/toy', license: 'MIT', status: 'active' },
  providers: [{ name: 'pypi', runtime: 'local', kind: 'pypi', package: 'toy', bin: 'toy' }],
  requires: { target: 'source', selection: { include: ['**/*.py'] } },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'toy.json' }],
  faults: [{ in: 'stderr', pattern: '^toy: ', meaning: 'the toy is broken' }],
  timeoutMs: 60_000,
  expectedMs: 100,
  resources: { cpus: 1, memoryMb: 64 },
  severities: { high: 'high' },
};
`;

export const TOY_COMMAND = `import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'scan',
      argv: ['toy', ...(options.quick ? ['--quick'] : []), ...args, { at: 'out', sub: 'toy.json' }, '.'],
      exits: { '0': 'clean', '1': 'findings' },
    },
  ],
};
`;

export const TOY_REPORT = `import * as z from 'zod';
import type { StageReport } from '../contract/report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import type { Options } from './stage.ts';

const schema = z.object({
  seen: z.number().int().nonnegative(),
  found: z.array(z.object({ file: z.string(), line: z.number().int() })),
});

export const report: StageReport<Options> = {
  parse: (raw, context) => {
    const read = readJsonReport('report', raw.report, schema);
    if (!read.ok) return read;
    return {
      ok: true,
      findings: read.value.found.map(({ file, line }) => {
        const path = context.relative(file);
        const span = path === undefined ? {} : { span: { path, startLine: line } };
        return { kind: 'code' as const, rule: { id: 'T1' }, message: 'a toy', toolLevel: 'high', ...span };
      }),
      notes: [],
      examined: { count: read.value.seen, unit: 'files', evidence: 'seen in the report' },
    };
  },
};
`;

function one(report: string, filesGiven: number): Record<'case.json' | 'raw.report.json', string> {
  const given = {
    origin: 'made',
    source: 'a toy',
    provider: 'pypi',
    filesGiven,
    outputs: { report: 'raw.report.json' },
  };
  return { 'case.json': JSON.stringify(given), 'raw.report.json': report };
}

function below(folder: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));
}

/** Its folder; the goldens are made by whoever adds it. */
export const TOY_FILES: Readonly<Record<string, string>> = {
  'stage.ts': TOY_STAGE,
  'command.ts': TOY_COMMAND,
  'report.ts': TOY_REPORT,
  ...below('cases/clean', one('{"seen":2,"found":[]}', 2)),
  ...below('cases/findings', one('{"seen":2,"found":[{"file":"/src/a.py","line":3}]}', 2)),
  ...below('cases/malformed', one('{"seen":2,"fou', 2)),
  'cases/faults.json': JSON.stringify({
    faultTexts: [{ in: 'stderr', text: 'toy: broken' }],
    nothingExamined: { output: 'report', set: { seen: 0 } },
  }),
};
