import { z } from 'zod';
import type { ReportVariant } from '../contract/report.ts';
import { jsonVariant, sarifVariant } from '../formats/variants.ts';

const none = z.literal(0);
/** Version 2.1 spelled the summary of nothing without underscores. */
const nothing = z.object({
  passed: none,
  failed: none,
  skipped: none,
  parsingerrors: none,
  resourcecount: none,
  checkov_version: z.string(),
});

export const variants: readonly ReportVariant[] = [
  jsonVariant('the summary of version 2.1', nothing, () => ({ findings: [] })),
  sarifVariant(['Checkov'], 'misconfiguration'),
];
