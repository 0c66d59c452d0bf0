/** What the template writes a reader for. */
export const REPORTS = ['sarif', 'json'] as const;
/** Where the tool comes from; `path` is what PATH finds, which nobody can pin. */
export const PROVIDERS = ['path', 'pypi', 'npm', 'go'] as const;

export interface NewStage {
  readonly id: string;
  readonly report: (typeof REPORTS)[number];
  readonly provider: (typeof PROVIDERS)[number];
}

/** The files of a new scanner's folder by name, with every place to fill in marked FILL. They compile as they are. */
export function stageTemplate(stage: NewStage): Readonly<Record<string, string>> {
  return {
    'stage.ts': stageText(stage),
    'command.ts': commandText(stage),
    'report.ts': stage.report === 'sarif' ? SARIF_REPORT : JSON_REPORT,
    'cases/faults.json': FAULTS,
    'cases/README.md': casesText(stage.id),
  };
}

function stageText({ id, report, provider }: NewStage): string {
  const output =
    report === 'sarif'
      ? `type: 'sarif', mediaType: 'application/sarif+json', file: '${id}.sarif'`
      : `type: 'json', mediaType: 'application/json', file: '${id}.json'`;
  return `import * as z from 'zod';
import type { StageData } from '../contract/stage.ts';

export const options = z.object({});

export type Options = z.infer<typeof options>;

export const stage: StageData = {
  id: '${id}',
  kind: 'scan',
  category: 'sast',
  tool: { name: 'FILL', homepage: 'https://FILL', license: 'FILL', status: 'active' },
  // \`bin\` is what command.ts starts: the program, or \`python\` of a PyPI package for a script in assets/.
  providers: [
    { name: '${provider}', runtime: 'local', kind: '${provider}', package: '${id}', bin: '${id}' },
  ],
  // FILL: the files that the tool reads, without those that could switch its rules off.
  requires: { target: 'source', selection: { include: ['**/*'] } },
  outputs: [{ name: 'report', ${output} }],
  // What the tool prints when it failed although it exits with a code that is declared.
  faults: [],
  timeoutMs: 300_000,
  expectedMs: 5_000,
  resources: { cpus: 1, memoryMb: 512 },
  severities: { error: 'high', warning: 'medium', note: 'low' },
};
`;
}

function commandText({ id, report }: NewStage): string {
  return `import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ args }) => [
    {
      id: 'scan',
      argv: ['${id}', ...args, '--output', { at: 'out', sub: '${id}.${report}' }, { at: 'source' }],
      // 'ok' for each code that does not tell whether there are findings.
      exits: { '0': 'clean', '1': 'findings' },
    },
  ],
};
`;
}

const SARIF_REPORT = `import type { StageReport } from '../contract/report.ts';
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
    const { findings, notes, artifacts } = sarif.value;
    return {
      ok: true,
      findings,
      notes,
      // The proof that the tool looked, out of its own report: never a constant, never \`filesGiven\`.
      examined: { count: artifacts, unit: 'files', evidence: 'run.artifacts' },
    };
  },
};
`;

const JSON_REPORT = `import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import type { StageReport } from '../contract/report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { mapList, omit, rewriteJson } from '../formats/sanitize.ts';
import type { Options } from './stage.ts';

// FILL: the members that are read, as the tool names them.
const result = z.object({
  rule: z.string().min(1),
  level: z.string(),
  text: z.string(),
  file: z.string(),
  line: z.number().int(),
});

const toolReport = z.object({ results: z.array(result), scanned: z.array(z.string()) });

export const report: StageReport<Options> = {
  parse: (raw, context) => {
    const read = readJsonReport('report', raw.report, toolReport);
    if (!read.ok) return read;
    const { results, scanned } = read.value;
    return {
      ok: true,
      findings: results.map((item) => toFinding(item, context.relative)),
      // FILL: what the tool could not read, as { message: 'not checked: …', path }.
      notes: [],
      // The proof that the tool looked, out of its own report: never a constant, never \`filesGiven\`.
      examined: { count: scanned.length, unit: 'files', evidence: 'scanned in the report' },
    };
  },
  // FILL: the members that quote source code or secrets.
  sanitize: (_, text) =>
    rewriteJson(text, (json) => mapList(json, 'results', (item) => omit(item, ['code']))),
};

function toFinding(
  item: z.infer<typeof result>,
  relative: (path: string) => string | undefined,
): ParsedFinding {
  return {
    kind: 'code',
    rule: { id: item.rule },
    message: oneLine(item.text),
    toolLevel: item.level,
    ...locationOf(relative(item.file), { startLine: item.line }),
  };
}
`;

const FAULTS = `{
  "faultTexts": [],
  "files": {}
}
`;

function casesText(id: string): string {
  return `One folder for each case: what the tool wrote, and what secplan makes of it.

- \`just record ${id} findings\` and \`just record ${id} clean\` run the tool, on \`workspace/\` in the folder of the case if there is one.
  \`just record ${id} malformed\` truncates the recorded report.
- \`just golden ${id}\` writes command.golden.json and result.golden.json: read them before you commit them.
- \`faults.json\` has a line for each error text of stage.ts, as the tool prints it (\`faultTexts\`); the change that turns the clean case
  into one that examined nothing (\`nothingExamined\`); and the files that the scanner needs in the fault matrix (\`files\`).
- \`just scanner ${id}\` says what is missing.

Delete this file when nothing is missing.
`;
}
