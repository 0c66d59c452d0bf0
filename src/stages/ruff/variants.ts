import { z } from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import type { Note, ReportVariant } from '../contract/report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { jsonVariant } from '../formats/variants.ts';

const place = z.object({ row: z.number().int(), column: z.number().int() });
const report = z.array(
  z.object({
    /** Older versions: null for what could not be parsed. */
    code: z.string().nullable(),
    message: z.string(),
    filename: z.string(),
    location: place,
    end_location: place,
    url: z.string().nullish(),
  }),
);

/** Ruff's `--output-format json`. A file that it could not parse is a note: no flaw, but not checked either. */
const json: ReportVariant = jsonVariant('the JSON that ruff writes', report, (items, { relative }) => {
  const findings: ParsedFinding[] = [];
  const notes: Note[] = [];
  for (const item of items) {
    const path = relative(item.filename);
    if (item.code === null || item.code === 'invalid-syntax') {
      const message = `not checked: ${oneLine(item.message)}, line ${item.location.row}`;
      notes.push({ message, ...(path === undefined ? {} : { path }) });
      continue;
    }
    const { row: startLine, column: startColumn } = item.location;
    const { row: endLine, column: endColumn } = item.end_location;
    findings.push({
      kind: 'code',
      rule: {
        id: item.code,
        ...(item.url ? { url: item.url } : {}),
        ...(/^S\d/.test(item.code) ? { aka: [item.code.replace('S', 'bandit:B')] } : {}),
      },
      message: oneLine(item.message),
      toolLevel: 'error',
      ...locationOf(path, { startLine, startColumn, endLine, endColumn }),
    });
  }
  return { findings, notes };
});

export const variants: readonly ReportVariant[] = [json];
