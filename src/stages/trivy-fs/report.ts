import type { StageReport } from '../contract/report.ts';
import { readTrivy, sanitizeTrivy } from '../families/trivy/trivy-report.ts';
import { unreadByTrivy } from '../families/trivy/trivy-unread.ts';
import { trivyVariants } from '../families/trivy/trivy-variants.ts';
import type { Options } from './stage.ts';

export const report: StageReport<Options> = {
  variants: trivyVariants,
  parse: (raw, context) => readTrivy(raw.report, context, context.options),
  cannotRead: ({ scanners }, given) => unreadByTrivy(scanners, given),
  sanitize: (output, text) => (output === 'report' ? sanitizeTrivy(text) : text),
};
