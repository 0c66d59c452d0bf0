import type { ParsedFinding } from '../../core/finding.ts';
import type { UnexaminedFile } from '../../core/unexamined.ts';
import type { ParseContext, StageReport } from '../contract/report.ts';
import { listedFiles } from '../formats/listed-files.ts';
import { readSarif } from '../formats/sarif.ts';
import type { Options } from './stage.ts';
import { variants } from './variants.ts';

/** Its word for what it could not parse: no flaw, but no rule ran on the syntax tree either. */
const UNPARSED = 'invalid-syntax';

export const report: StageReport<Options> = {
  variants,
  parse: (raw, context) => {
    const sarif = readSarif(raw.report, {
      output: 'report',
      drivers: ['ruff'],
      kind: 'code',
      relative: context.relative,
    });
    if (!sarif.ok) return sarif;
    const { findings } = sarif.value;
    const unexamined = [...unparsed(findings), ...unread(context)];
    const failed = new Set(unexamined.map(({ path }) => path));
    const files = listedFiles(raw.files ?? '', { before: '' }, context).filter((path) => !failed.has(path));
    return {
      ok: true,
      findings: findings.filter(({ rule }) => rule.id !== UNPARSED).map(withOrigin),
      notes: sarif.value.notes,
      unexamined,
      examined: {
        count: files.length,
        unit: 'files',
        evidence: 'ruff check --show-files, without files that it could not read or parse',
        files,
      },
    };
  },
};

/** Ruff's S rules are ports of Bandit's checks and keep their numbers. */
function withOrigin(finding: ParsedFinding): ParsedFinding {
  const { rule } = finding;
  return { ...finding, rule: { ...rule, aka: [rule.id.replace(/^S/, 'bandit:B')] } };
}

function unparsed(findings: readonly ParsedFinding[]): UnexaminedFile[] {
  return findings.flatMap(({ rule, span }) =>
    rule.id === UNPARSED && span !== undefined
      ? [
          {
            path: span.path,
            why: { kind: 'not-understood' as const, detail: `syntax error, line ${span.startLine ?? 1}` },
          },
        ]
      : [],
  );
}

/** It says so on standard error, and lists the file as one that it checks. */
function unread(context: ParseContext): UnexaminedFile[] {
  const log = context.log.stderr;
  return listedFiles(log, { before: 'warning: Failed to lint ', after: ': ' }, context).map((path) => ({
    path,
    why: { kind: 'not-understood', detail: 'cannot be read as UTF-8' },
  }));
}
