import { z } from 'zod';
import type { ReportVariant } from '../contract/report.ts';
import { oneLine } from '../formats/sarif.ts';
import { jsonVariant } from '../formats/variants.ts';

/** What Presidio's analyzer answers over HTTP for one text: places are characters of that text, not lines of a file. */
const answer = z.array(
  z.object({ entity_type: z.string(), start: z.number().int(), end: z.number().int(), score: z.number() }),
);

export const variants: readonly ReportVariant[] = [
  jsonVariant("the analyzer's answer", answer, (hits) => ({
    findings: hits.map(({ entity_type: entity, start, end, score }) => ({
      kind: 'privacy',
      rule: { id: oneLine(entity) },
      message: `${oneLine(entity)} at characters ${start} to ${end}, score ${score.toFixed(2)}`,
      toolLevel: oneLine(entity),
    })),
  })),
];
