import * as z from 'zod';
import type { UnexaminedFile } from '../../core/unexamined.ts';
import type { Note, ParseContext, ParseOutcome, ReportVariant, StageReport } from '../contract/report.ts';
import { hasBinaryEnding } from '../formats/binary-ending.ts';
import { inUtf32 } from '../formats/content.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { jsonVariant } from '../formats/variants.ts';
import type { Options } from './stage.ts';

const count = z.number().int().nonnegative();

const place = z.number().int().positive();

/** What src/stages/presidio/assets/scan.py writes. */
const reportSchema = z.object({
  schema: z.literal('https://secplan.dev/schema/presidio-scan/v1'),
  model: z.string().nullable(),
  scanned: z.array(z.object({ path: z.string(), lines: count, read: count })),
  skipped: z.array(z.object({ path: z.string(), reason: z.string() })),
  findings: z.array(
    z.object({
      entity: z.string(),
      path: z.string(),
      line: place,
      startColumn: place,
      endColumn: place,
      score: z.number(),
      field: place.optional(),
    }),
  ),
  truncated: z.boolean(),
});

/** Hits of personal data: what kind and where, never the value. */
function readScan(
  text: string | undefined,
  context: ParseContext,
  options: { readonly model?: string | undefined },
): ParseOutcome {
  const read = readJsonReport('report', text, reportSchema);
  if (!read.ok) return read;
  const { scanned, skipped, findings, truncated, model } = read.value;
  const notes: Note[] = [];
  const unexamined = skipped.flatMap(({ path, reason }): UnexaminedFile[] => {
    const known = context.relative(path);
    return known === undefined ? [] : [{ path: known, why: whyOf(known, oneLine(reason)) }];
  });
  if (options.model !== undefined && model === null) {
    notes.push({
      message: `names, places and organisations were not searched for: the model ${options.model} is not installed`,
    });
  }
  if (truncated) notes.push({ message: `only the first ${findings.length} hits are listed` });
  return {
    ok: true,
    findings: findings.map(({ entity, path, line, startColumn, endColumn, score, field }) => {
      const known = context.relative(path);
      const where = field === undefined ? '' : ` in field ${field}`;
      return {
        kind: 'privacy',
        rule: { id: entity },
        message: `${oneLine(entity)}${where}, score ${score.toFixed(2)}`,
        toolLevel: entity,
        ...locationOf(known, { startLine: line, startColumn, endLine: line, endColumn }),
      };
    }),
    notes,
    unexamined,
    examined: {
      count: scanned.length,
      unit: 'files',
      evidence: 'scanned[] in the report',
      files: scanned.flatMap(({ path }) => context.relative(path) ?? []),
    },
  };
}

function whyOf(path: string, detail: string): UnexaminedFile['why'] {
  const noText = detail === 'not a text file' && hasBinaryEnding(path);
  return noText ? { kind: 'no-text' } : { kind: 'not-understood', detail };
}

/** What Presidio's analyzer answers over HTTP for one text: places are characters of that text, not lines of a file. */
const answer = z.array(
  z.object({ entity_type: z.string(), start: z.number().int(), end: z.number().int(), score: z.number() }),
);

const variants: readonly ReportVariant[] = [
  jsonVariant("the analyzer's answer", answer, (hits) => ({
    findings: hits.map(({ entity_type: entity, start, end, score }) => ({
      kind: 'privacy',
      rule: { id: oneLine(entity) },
      message: `${oneLine(entity)} at characters ${start} to ${end}, score ${score.toFixed(2)}`,
      toolLevel: oneLine(entity),
    })),
  })),
];

export const report: StageReport<Options> = {
  variants,
  parse: (raw, context) => readScan(raw.report, context, context.options),
  cannotRead: () => () => inUtf32,
};
