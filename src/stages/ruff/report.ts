import type { StageReport } from '../contract/report.ts';
import { readSarif } from '../formats/sarif.ts';
import type { Options } from './stage.ts';
import { variants } from './variants.ts';

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
    const files = (raw.files ?? '').split('\n').filter((line) => line !== '').length;
    return {
      ok: true,
      findings: sarif.value.findings.map((finding) => ({
        ...finding,
        // Ruff's S rules are ports of Bandit's checks and keep their numbers.
        rule: { ...finding.rule, aka: [finding.rule.id.replace(/^S/, 'bandit:B')] },
      })),
      notes: sarif.value.notes,
      examined: { count: files, unit: 'files', evidence: 'ruff check --show-files' },
    };
  },
};
