import { z } from 'zod';
import type { ReportVariant } from '../contract/report.ts';
import { jsonVariant } from '../formats/variants.ts';
import { findingsOf, query } from './output.ts';

/** Version 1 did not say which version it was. */
const early = z.object({ files_scanned: z.number(), queries_total: z.number(), queries: z.array(query) });

export const variants: readonly ReportVariant[] = [
  jsonVariant('JSON of version 1', early, ({ queries }, context) => ({
    findings: queries.flatMap((item) => findingsOf(item, context)),
  })),
];
