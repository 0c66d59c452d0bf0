import type { ReportVariant, StageReport } from '../contract/report.ts';
import { readLibfuzzer, sanitizeLibfuzzer } from '../families/fuzzers/libfuzzer-log.ts';
import { crashesIn } from '../families/fuzzers/sanitizer-crash.ts';
import type { Options } from './stage.ts';

/** The account of a crash that ClusterFuzz keeps: a sanitizer's words, with or without a fuzzer's around them. */
const variants: readonly ReportVariant[] = [
  {
    name: 'a report of a sanitizer',
    parse: (text, { relative }) => {
      const findings = crashesIn(text, 'target', relative);
      if (findings.length === 0)
        return {
          ok: false,
          failure: {
            reason: 'report-schema',
            output: 'report',
            detail: 'no crash report of a sanitizer',
          },
        };
      const examined = { count: 0, unit: 'inputs', evidence: 'a report from elsewhere' } as const;
      return { ok: true, findings: findings.slice(0, 1), notes: [], examined };
    },
  },
];

export const report: StageReport<Options> = {
  variants,
  parse: (raw, context) => readLibfuzzer(raw.report, context),
  sanitize: (_, text) => sanitizeLibfuzzer(text),
};
