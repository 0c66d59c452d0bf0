import { z } from 'zod';
import type { ReportVariant } from '../contract/report.ts';
import { jsonVariant } from '../formats/variants.ts';
import { issue, toFinding } from './output.ts';

/** As other tools wrap its issues. */
export const variants: readonly ReportVariant[] = [
  jsonVariant('an object with `issues`', z.object({ issues: z.array(issue) }), ({ issues }, context) => ({
    findings: issues.map((item) => toFinding(item, context)),
  })),
];
