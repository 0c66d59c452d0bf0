import { z } from 'zod';
import type { ReportVariant } from '../contract/report.ts';
import { oneLine } from '../formats/one-line.ts';
import { jsonVariant } from '../formats/variants.ts';

/** Prowler's own JSON, until version 4. */
const native = z.array(
  z.object({
    CheckID: z.string(),
    CheckTitle: z.string().nullish(),
    Status: z.string(),
    StatusExtended: z.string().nullish(),
    Severity: z.string(),
    ResourceArn: z.string().nullish(),
    RelatedUrl: z.string().nullish(),
  }),
);

export const variants: readonly ReportVariant[] = [
  jsonVariant('JSON of versions before 4', native, (items) => ({
    findings: items
      .filter(({ Status }) => Status === 'FAIL')
      .map(({ CheckID, CheckTitle, StatusExtended, Severity, ResourceArn, RelatedUrl }) => ({
        kind: 'misconfiguration' as const,
        rule: {
          id: oneLine(CheckID),
          ...(CheckTitle ? { name: oneLine(CheckTitle) } : {}),
          ...(RelatedUrl?.startsWith('https://') ? { url: RelatedUrl } : {}),
        },
        message: oneLine(
          `${StatusExtended || CheckTitle || CheckID}${ResourceArn ? ` (${ResourceArn})` : ''}`,
        ),
        toolLevel: Severity,
      })),
  })),
];
