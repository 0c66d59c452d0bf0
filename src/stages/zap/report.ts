import type { StageReport } from '../contract/report.ts';
import { sarifVariant } from '../formats/variants.ts';
import { readZap, sanitizeZap } from './json.ts';
import type { Options } from './stage.ts';
import { xmlVariant } from './xml.ts';

export const report: StageReport<Options> = {
  parse: (raw, context) => readZap(raw.report, context.log.stdout),
  variants: [sarifVariant(['ZAP'], 'other'), xmlVariant],
  sanitize: (_, text) => sanitizeZap(text),
};
