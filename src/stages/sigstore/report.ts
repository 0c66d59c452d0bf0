import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import type { Note, ParseContext, ParseOutcome, StageReport } from '../contract/report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import type { Options } from './stage.ts';

const item = z.object({
  bundle: z.string(),
  of: z.string().nullable(),
  state: z.enum(['verified', 'refused', 'absent']),
  kind: z.string().nullable(),
  text: z.string().nullable(),
  same: z.array(z.string()),
  differ: z.array(z.string()),
});

const reportSchema = z.object({
  schema: z.literal('secplan-sigstore/v1'),
  version: z.string(),
  bundles: z.array(item),
  left: z.number(),
});

type Item = z.infer<typeof item>;

export const report: StageReport<Options> = {
  parse: (raw, context) => readSigstore(raw.report, context),
};

/** The JSON of our own script around sigstore's verifier: one entry a bundle. One without its file was not examined. */
function readSigstore(text: string | undefined, context: ParseContext): ParseOutcome {
  const read = readJsonReport('report', text, reportSchema);
  if (!read.ok) return read;
  const { bundles, left } = read.value;
  const notes: Note[] = bundles.flatMap((one) => noteOf(one, context));
  if (left > 0) notes.push({ message: `${left} bundles not checked: too many` });
  return {
    ok: true,
    findings: bundles.flatMap((one) => findingsOf(one, context)),
    notes,
    examined: {
      count: bundles.filter(({ state }) => state !== 'absent').length,
      unit: 'files',
      evidence: 'bundles in the report whose file exists',
    },
  };
}

function findingsOf({ bundle, state, kind, text, differ }: Item, context: ParseContext): ParsedFinding[] {
  const found = (rule: string, message: string, path: string): ParsedFinding => {
    const place = context.relative(path);
    return {
      kind: 'other',
      rule: { id: rule },
      message: oneLine(message),
      toolLevel: rule,
      ...locationOf(place),
    };
  };
  return [
    ...(state === 'refused'
      ? [found(kind ?? 'not-verified', `${bundle} does not verify: ${text ?? ''}`, bundle)]
      : []),
    ...differ.map((path) => found('digest-mismatch', `${path} is not a subject of ${bundle}`, path)),
  ];
}

function noteOf({ bundle, of, state, same, differ }: Item, context: ParseContext): Note[] {
  const path = context.relative(bundle);
  const place = path === undefined ? {} : { path };
  if (state === 'absent')
    return [{ message: oneLine(`not checked: the file that it signs, ${of ?? ''}, is missing`), ...place }];
  if (of === 'attestation' && same.length + differ.length === 0)
    return [{ message: 'verified, but none of its subjects is beside it', ...place }];
  return [];
}
