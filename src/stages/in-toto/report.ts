import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import type { Note, ParseContext, ParseOutcome, StageReport } from '../contract/report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import type { Options } from './stage.ts';
import { variants } from './variants.ts';

const layout = z.object({
  layout: z.string(),
  verified: z.boolean(),
  error: z.object({ kind: z.string(), text: z.string() }).nullable(),
  keys: z.array(z.string()),
  steps: z.number(),
  inspections: z.number(),
  expires: z.string().nullable(),
  products: z.object({ same: z.number(), differ: z.array(z.string()), absent: z.array(z.string()) }),
});

const reportSchema = z.object({
  schema: z.literal('secplan-in-toto/v1'),
  version: z.string(),
  layouts: z.array(layout),
  left: z.array(z.string()),
});

type Layout = z.infer<typeof layout>;

export const report: StageReport<Options> = {
  variants,
  parse: (raw, context) => readInToto(raw.report, context, context.options),
};

/** The JSON of our own script around `in_toto_verify`: one entry for each layout that was verified or refused. */
function readInToto(
  text: string | undefined,
  context: ParseContext,
  ran: { readonly inspections: boolean },
): ParseOutcome {
  const read = readJsonReport('report', text, reportSchema);
  if (!read.ok) return read;
  const { layouts, left } = read.value;
  return {
    ok: true,
    findings: layouts.flatMap((item) => findingsOf(item, context)),
    notes: [
      ...layouts.flatMap((item) => notesOf(item, context, ran.inspections)),
      ...left.map((path) => ({ message: 'not checked: too many layouts', ...at(path, context) })),
    ],
    examined: { count: layouts.length, unit: 'files', evidence: 'layouts in the report' },
  };
}

function findingsOf(item: Layout, context: ParseContext): ParsedFinding[] {
  const place = at(item.layout, context);
  const found = (rule: string, message: string, path = item.layout): ParsedFinding => ({
    kind: 'other',
    rule: { id: rule },
    message: oneLine(message),
    toolLevel: rule,
    ...locationOf('path' in place ? (context.relative(path) ?? place.path) : undefined),
  });
  const differ = item.products.differ.map((path) =>
    found('product-differs', `${path} is not the product of the last step of ${item.layout}`, path),
  );
  // Said to be verified with an error is contradictory: the error counts.
  if (item.error === null && item.verified) return differ;
  const { kind, text } = item.error ?? { kind: 'unreadable', text: 'neither verified nor rejected' };
  return [found(kind, `${item.layout} does not verify: ${text}`), ...differ];
}

function notesOf(item: Layout, context: ParseContext, ran: boolean): Note[] {
  const place = at(item.layout, context);
  const notes: string[] = [];
  if (item.verified && item.expires !== null) notes.push(`verified; it expires on ${item.expires}`);
  if (item.inspections > 0 && !ran)
    notes.push(`${item.inspections} inspections not run: they are commands that the layout names`);
  if (item.products.absent.length > 0)
    notes.push(`${item.products.absent.length} products of its last step are not in the workspace`);
  return notes.map((message) => ({ message: oneLine(message), ...place }));
}

function at(path: string, context: ParseContext): { readonly path: string } | Record<never, never> {
  const relative = context.relative(path);
  return relative === undefined ? {} : { path: relative };
}
