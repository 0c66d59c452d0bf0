import type { z } from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import type { Note, ParseContext, ReportVariant } from '../contract/report.ts';
import { readJsonReport } from './json-report.ts';
import { readSarif, type SarifOptions } from './sarif.ts';

/** What a variant's reader gives: a report from elsewhere proves nothing of what was looked at. */
export interface Read {
  readonly findings: readonly ParsedFinding[];
  readonly notes?: readonly Note[];
}

const NOT_PROVEN = { count: 0, unit: 'files', evidence: 'a report from elsewhere' } as const;

/** The tool's SARIF. */
export function sarifVariant(
  drivers: readonly string[],
  kind: SarifOptions['kind'],
  edit: (finding: ParsedFinding) => ParsedFinding = (finding) => finding,
): ReportVariant {
  return {
    name: 'SARIF',
    parse: (text, context) => {
      const sarif = readSarif(text, { output: 'report', drivers, kind, relative: context.relative });
      if (!sarif.ok) return sarif;
      const { findings, notes } = sarif.value;
      return { ok: true, findings: findings.map(edit), notes, examined: NOT_PROVEN };
    },
  };
}

/** JSON of one shape. */
export function jsonVariant<T>(
  name: string,
  schema: z.ZodType<T>,
  read: (report: T, context: ParseContext) => Read,
): ReportVariant {
  return {
    name,
    parse: (text, context) => {
      const report = readJsonReport('report', text, schema);
      if (!report.ok) return report;
      const { findings, notes = [] } = read(report.value, context);
      return { ok: true, findings, notes, examined: NOT_PROVEN };
    },
  };
}
