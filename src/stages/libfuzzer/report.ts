import type { StageReport } from '../contract/report.ts';
import { readLibfuzzer, sanitizeLibfuzzer } from '../families/fuzzers/libfuzzer-log.ts';
import type { Options } from './stage.ts';

export const report: StageReport<Options> = {
  parse: (raw, context) => readLibfuzzer(raw.report, context),
  sanitize: (_, text) => sanitizeLibfuzzer(text),
};
