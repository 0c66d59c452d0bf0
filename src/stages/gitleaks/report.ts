import type { Note, StageReport } from '../contract/report.ts';
import { oneLine } from '../formats/one-line.ts';
import { stableSarif } from '../formats/sanitize.ts';
import { readSarif } from '../formats/sarif.ts';
import { withoutRepeats } from './repeats.ts';
import type { Options } from './stage.ts';
import { variants } from './variants.ts';

export const report: StageReport<Options> = {
  variants,
  parse: (raw, context) => {
    const sarif = readSarif(raw.report, {
      output: 'report',
      drivers: ['gitleaks'],
      kind: 'secret',
      relative: context.relative,
    });
    if (!sarif.ok) return sarif;
    return {
      ok: true,
      findings: withoutRepeats(sarif.value.findings).map((finding) => ({
        ...finding,
        rule: { ...finding.rule, cwe: ['CWE-798'] },
      })),
      notes: [...sarif.value.notes, ...warnings(context.log.stderr)],
      examined: {
        count: Number(/\bscanned ~(\d{1,15}) bytes/.exec(context.log.stderr)?.[1] ?? 0),
        unit: 'bytes',
        evidence: '`scanned ~N bytes` on standard error',
      },
    };
  },
  sanitize: (_, text) => stableSarif(text),
};

/** Warnings and errors of its log, but for the count of leaks. */
function warnings(log: string): Note[] {
  return log
    .split('\n')
    .map((line) => /\b(?:WRN|ERR) (?!leaks found)(.*)$/.exec(line)?.[1])
    .filter((text) => text !== undefined)
    .slice(0, 1000)
    .map((text) => ({ message: oneLine(text) }));
}
