import { z } from 'zod';
import type { ReportVariant } from '../contract/report.ts';
import { oneLine } from '../formats/sarif.ts';
import { jsonVariant } from '../formats/variants.ts';
import { withUrl } from './output.ts';

const report = z.array(
  z.object({
    code: z.string(),
    file: z.string(),
    line: z.number().int(),
    level: z.string(),
    message: z.string(),
  }),
);

const LEVELS: Readonly<Record<string, string>> = { info: 'note', style: 'note' };

export const variants: readonly ReportVariant[] = [
  jsonVariant('the JSON that hadolint writes', report, (items, { relative }) => ({
    findings: items.map(({ code, file, line, level, message }) => {
      const path = relative(file);
      return withUrl({
        kind: 'misconfiguration',
        rule: { id: code },
        message: oneLine(message),
        toolLevel: LEVELS[level] ?? level,
        ...(path === undefined ? {} : { span: { path, ...(line > 0 ? { startLine: line } : {}) } }),
      });
    }),
  })),
];
