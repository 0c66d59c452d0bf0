import type { ParsedFinding } from '../../core/finding.ts';
import type { UnexaminedFile } from '../../core/unexamined.ts';
import type { Note, ParseContext, StageReport } from '../contract/report.ts';
import { gitlabVariant } from '../formats/gitlab-report.ts';
import { listedFiles } from '../formats/listed-files.ts';
import { oneLine } from '../formats/one-line.ts';
import { stableSarif } from '../formats/sanitize.ts';
import { readSarif } from '../formats/sarif.ts';
import type { Options } from './stage.ts';

export const report: StageReport<Options> = {
  variants: [gitlabVariant('code')],
  parse: (raw, context) => {
    const sarif = readSarif(raw.report, {
      output: 'report',
      drivers: ['flawfinder'],
      kind: 'code',
      relative: context.relative,
    });
    if (!sarif.ok) return sarif;
    const files = listedFiles(raw.text ?? '', { before: 'Examining ' }, context);
    return {
      ok: true,
      findings: sarif.value.findings.map(withCwe),
      notes: [...sarif.value.notes, ...warnings(context.log.stderr)],
      unexamined: [...unopened(context), ...unfinished(context)],
      examined: {
        count: files.length,
        unit: 'files',
        evidence: '`Examining <file>` in the text report',
        files,
      },
    };
  },
  sanitize: (output, text) => (output === 'report' ? stableSarif(text) : sortedFiles(text)),
};

/** Flawfinder names the weaknesses in its messages only, for example `(CWE-119!/CWE-120)`. */
function withCwe(finding: ParsedFinding): ParsedFinding {
  const cwe = [...new Set(finding.message.match(/CWE-[1-9][0-9]{0,4}/g))].sort();
  return { ...finding, rule: { ...finding.rule, ...(cwe.length > 0 ? { cwe } : {}) } };
}

/** It opens no file with a control character in its name, and says so with the name as Python escapes it. */
function unopened({ given, log }: ParseContext): UnexaminedFile[] {
  const named = (pattern: RegExp, detail: string): UnexaminedFile[] =>
    given
      .filter((path) => pattern.test(path))
      .map((path) => ({ path, why: { kind: 'passed-over', detail } }));
  return [
    // It reads them, and reports what it finds at a path that is no file's.
    ...named(/\\/, 'Flawfinder writes backslashes in its name as slashes'),
    ...(log.stderr.includes(CONTROL)
      ? named(/\p{Cc}/u, 'Flawfinder opens no file with control characters in its name')
      : []),
  ];
}

/** What it could not make sense of to the end; the name of the file is put behind by sitecustomize.py. */
function unfinished(context: ParseContext): UnexaminedFile[] {
  return ['comment', 'string'].flatMap((what) => {
    const why = { kind: 'not-understood', detail: `it ends within a ${what}` } as const;
    const files = listedFiles(context.log.stderr, { before: `${UNFINISHED}${what}. ` }, context);
    return files.map((path) => ({ path, why }));
  });
}

const UNFINISHED = 'Error: File ended while in ';

const CONTROL = 'Skipping file with control characters in filename';

/** What it could not make sense of, without the code that it quotes. Both steps say it: once is enough. */
function warnings(log: string): Note[] {
  const lines = log.split('\n').map((line) => oneLine(line.replace(/ in \(.*$/, '')));
  return [...new Set(lines)]
    .filter((line) => line !== '' && !line.includes(CONTROL) && !line.startsWith(UNFINISHED))
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
