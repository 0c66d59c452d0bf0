import { z } from 'zod';
import type { ReportVariant } from '../contract/report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { jsonVariant, sarifVariant } from '../formats/variants.ts';

/** Versions before 0.40. */
const legacy = z.object({
  results: z
    .array(
      z.object({
        rule_id: z.string(),
        rule_description: z.string().nullish(),
        description: z.string(),
        severity: z.string(),
        passed: z.boolean().nullish(),
        location: z.object({ filename: z.string(), start_line: z.number(), end_line: z.number() }),
      }),
    )
    .min(1),
});

export const variants: readonly ReportVariant[] = [
  jsonVariant('JSON of versions before 0.40', legacy, ({ results }, { relative }) => ({
    findings: results
      .filter(({ passed }) => passed !== true)
      .map(({ rule_id: id, rule_description: name, description, severity, location }) => {
        const path = relative(location.filename);
        const { start_line: startLine, end_line: endLine } = location;
        return {
          kind: 'misconfiguration',
          rule: { id, ...(name ? { name: oneLine(name) } : {}) },
          message: oneLine(description),
          toolLevel: severity,
          ...locationOf(path, { startLine, endLine }),
        };
      }),
  })),
  sarifVariant(['tfsec', 'defsec'], 'misconfiguration'),
];
