import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isToolId } from '../src/core/ids.ts';

// `node scripts/new-stage.ts ID` makes the folder of a new scanner, with every place to fill in marked FILL.
const id = process.argv[2] ?? '';
const folder = new URL(`../src/stages/${id}/`, import.meta.url).pathname;
if (!isToolId(id)) fail(`not a tool id: ${JSON.stringify(id)}; lower-case letters, digits and hyphens`);
if (existsSync(folder)) fail(`src/stages/${id} is there already`);

const FILES: Readonly<Record<string, string>> = {
  'stage.ts': `import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: '${id}',
  kind: 'scan',
  category: 'sast',
  tool: { name: 'FILL', homepage: 'https://FILL', license: 'FILL', status: 'active' },
  providers: [{ name: 'path', runtime: 'local', kind: 'path', package: '${id}', bin: '${id}' }],
  requires: { target: 'source', selection: { include: ['**/*'] } },
  outputs: [{ name: 'report', type: 'sarif', mediaType: 'application/sarif+json', file: '${id}.sarif' }],
  // What the tool prints when it failed although it exits with a code that is declared.
  faults: [],
  timeoutMs: 300_000,
  expectedMs: 5_000,
  resources: { cpus: 1, memoryMb: 512 },
  severities: { error: 'high', warning: 'medium', note: 'low' },
};
`,
  'command.ts': `import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ args }) => [
    {
      id: 'scan',
      argv: ['${id}', ...args, '--output', { at: 'out', sub: '${id}.sarif' }, { at: 'source' }],
      exits: { '0': 'clean', '1': 'findings' },
    },
  ],
};
`,
  'report.ts': `import type { StageReport } from '../contract/report.ts';
import { readSarif } from '../formats/sarif.ts';
import type { Options } from './stage.ts';

export const report: StageReport<Options> = {
  parse: (raw, context) => {
    const sarif = readSarif(raw.report, {
      output: 'report',
      drivers: ['FILL'],
      kind: 'code',
      relative: context.relative,
    });
    if (!sarif.ok) return sarif;
    return {
      ok: true,
      findings: sarif.value.findings,
      notes: sarif.value.notes,
      // The proof that the tool looked: never a constant.
      examined: { count: sarif.value.artifacts, unit: 'files', evidence: 'run.artifacts' },
    };
  },
};
`,
  'cases/README.md': `One folder a case: what the tool left, and what is made of it.

- \`just record ${id} findings\` and \`just record ${id} clean\` run the tool; \`just record ${id} malformed\` cuts off what it left.
- \`just golden ${id}\` writes command.golden.json and result.golden.json: read them before you commit them.
- \`faults.json\` holds a line for each error text of stage.ts, as the tool prints it (\`faultTexts\`), and what makes the clean
  case one that looked at nothing (\`nothingExamined\`).
- \`just scanner ${id}\` says what is missing.

Delete this file when nothing is.
`,
};

mkdirSync(join(folder, 'cases'), { recursive: true });
for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
process.stdout.write(`src/stages/${id} written: ${Object.keys(FILES).join(', ')}. Next: fill them, then
  just gen
  node scripts/lock.ts ${id}
  just record ${id} findings
  just record ${id} clean
  just record ${id} malformed
  just golden ${id}
  just scanner ${id}\n`);

function fail(why: string): never {
  process.stderr.write(`new-stage: ${why}\n`);
  process.exit(2);
}
