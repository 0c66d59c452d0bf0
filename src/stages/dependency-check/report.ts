import type { StageReport } from '../contract/report.ts';
import { sarifVariant } from '../formats/variants.ts';
import { earlier, readDependencyCheck, sanitizeDependencyCheck } from './json.ts';
import type { Options } from './stage.ts';
import { xml } from './xml.ts';

export const report: StageReport<Options> = {
  variants: [earlier, xml, sarifVariant(['dependency-check'], 'vulnerability')],
  parse: (raw, context) => readDependencyCheck(raw.report, context),
  sanitize: (_, text) => sanitizeDependencyCheck(text),
};
