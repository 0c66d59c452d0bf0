import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { defineStage } from '../contract/definition.ts';
import type { Note } from '../contract/report.ts';
import { stableSarif } from '../formats/sanitize.ts';
import { oneLine, readSarif } from '../formats/sarif.ts';

const options = z.object({
  /** Lowest risk level that is reported, 0 to 5, as `--minlevel` takes it. */
  minLevel: z.number().int().min(0).max(5).default(1),
});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'flawfinder',
  kind: 'scan',
  category: 'sast',
  perFile: true,
  tool: {
    name: 'Flawfinder',
    homepage: 'https://dwheeler.com/flawfinder/',
    license: 'GPL-2.0-or-later',
    status: 'active',
  },
  providers: [
    { name: 'pypi', runtime: 'local', kind: 'pypi', package: 'flawfinder', bin: 'flawfinder' },
    { name: 'debian', runtime: 'local', kind: 'debian', package: 'flawfinder', bin: 'flawfinder' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'flawfinder', bin: 'flawfinder' },
  ],
  requires: {
    target: 'source',
    // The extensions that Flawfinder reads as C or C++.
    selection: { include: ['**/*.{c,h,ec,ecp,pgc,C,cpp,CPP,cxx,cc,CC,c++,pcc,pc,sc,hpp,H}'] },
  },
  outputs: [
    { name: 'report', type: 'sarif', mediaType: 'application/sarif+json' },
    { name: 'text', type: 'text', mediaType: 'text/plain', publishAs: 'flawfinder.txt' },
  ],
  faults: [{ in: 'stderr', pattern: '^Traceback ', meaning: 'Flawfinder reports an error of its own' }],
  assets: { site: 'src/stages/flawfinder/assets' },
  timeoutMs: 300_000,
  expectedMs: 400,
  resources: { cpus: 1, memoryMb: 256 },
  // Its risk levels: 4 and 5 are errors, 3 a warning, the rest notes.
  severities: { error: 'high', warning: 'medium', note: 'low' },
  options,
  steps: ({ options, args }) => {
    // Comments (`Flawfinder: ignore`) must not silence a finding; dot folders are the tree's own code, too.
    const check = ['flawfinder', '--neverignore', '--followdotdir', '--minlevel', String(options.minLevel)];
    const env = { PYTHONPATH: { at: 'asset', name: 'site' } } as const;
    // Both always end with 0. The report does not say which files were read, the text does.
    const exits = { '0': 'ok' } as const;
    return [
      { id: 'sarif', argv: [...check, ...args, '--sarif', '.'], env, stdout: 'report', exits },
      {
        id: 'text',
        argv: [...check, ...args, '--omittime', '--singleline', '.'],
        env,
        stdout: 'text',
        exits,
      },
    ];
  },
  parse: (raw, context) => {
    const sarif = readSarif(raw.report, {
      output: 'report',
      drivers: ['flawfinder'],
      kind: 'code',
      relative: context.relative,
    });
    if (!sarif.ok) return sarif;
    const lines = (raw.text ?? '').split('\n');
    return {
      ok: true,
      findings: sarif.reading.findings.map(withCwe),
      notes: [...sarif.reading.notes, ...warnings(context.log.stderr)],
      examined: {
        count: lines.filter((line) => line.startsWith('Examining ')).length,
        unit: 'files',
        evidence: '`Examining <file>` in the text report',
      },
    };
  },
  notChecked: ({ minLevel }) => (minLevel > 1 ? [`Flawfinder hits below level ${minLevel}`] : []),
  sanitize: (output, text) => (output === 'report' ? stableSarif(text) : sortedFiles(text)),
});

/** Flawfinder names the weaknesses in its messages only, for example `(CWE-119!/CWE-120)`. */
function withCwe(finding: ParsedFinding): ParsedFinding {
  const cwe = [...new Set(finding.message.match(/CWE-[1-9][0-9]{0,4}/g))].sort();
  return { ...finding, rule: { ...finding.rule, ...(cwe.length > 0 ? { cwe } : {}) } };
}

/** What it could not make sense of, without the code that it quotes. Both steps say it: once is enough. */
function warnings(log: string): Note[] {
  const lines = log.split('\n').map((line) => oneLine(line.replace(/ in \(.*$/, '')));
  return [...new Set(lines)]
    .filter((line) => line !== '')
    .slice(0, 1000)
    .map((message) => ({ message }));
}

/** It reads files in the order of the file system; equal trees shall give equal reports. */
function sortedFiles(text: string): string {
  return text.replace(
    /(?:^Examining .*\n)+/m,
    (block) => `${block.trimEnd().split('\n').sort().join('\n')}\n`,
  );
}
