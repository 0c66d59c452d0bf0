import { z } from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { ReportVariant } from '../contract/report.ts';
import { readCsvReport } from '../formats/csv-report.ts';
import { readJsonLines } from '../formats/jsonl-report.ts';
import { oneLine } from '../formats/one-line.ts';
import { jsonVariant } from '../formats/variants.ts';

/** Prowler's own JSON, until version 4. */
const native = z.object({
  CheckID: z.string(),
  CheckTitle: z.string().nullish(),
  Status: z.string(),
  StatusExtended: z.string().nullish(),
  Severity: z.string(),
  ResourceArn: z.string().nullish(),
  RelatedUrl: z.string().nullish(),
});

type Native = z.infer<typeof native>;

/** Its CSV: since version 4 with names in capitals, of version 3 in small letters; either has one of a pair. */
const row = z.preprocess(
  (given) => {
    if (!isRecord(given)) return given;
    const named = new Map(Object.entries(given).map(([name, value]) => [name.toUpperCase(), value]));
    return {
      CheckID: named.get('CHECK_ID'),
      CheckTitle: named.get('CHECK_TITLE'),
      Status: named.get('STATUS'),
      StatusExtended: named.get('STATUS_EXTENDED'),
      Severity: named.get('SEVERITY'),
      ResourceArn: named.get('RESOURCE_UID') || named.get('RESOURCE_ARN') || named.get('RESOURCE_ID'),
      RelatedUrl: named.get('RELATED_URL'),
      muted: named.get('MUTED'),
    };
  },
  native.extend({ muted: z.string().optional() }),
);

function findingsOf(items: readonly Native[]): ParsedFinding[] {
  return items
    .filter(({ Status }) => Status === 'FAIL')
    .map(({ CheckID, CheckTitle, StatusExtended, Severity, ResourceArn, RelatedUrl }) => ({
      kind: 'misconfiguration' as const,
      rule: {
        id: oneLine(CheckID),
        ...(CheckTitle ? { name: oneLine(CheckTitle) } : {}),
        ...(RelatedUrl?.startsWith('https://') ? { url: RelatedUrl } : {}),
      },
      message: oneLine(`${StatusExtended || CheckTitle || CheckID}${ResourceArn ? ` (${ResourceArn})` : ''}`),
      toolLevel: Severity,
    }));
}

const NOT_PROVEN = { count: 0, unit: 'resources', evidence: 'a report from elsewhere' } as const;

const lines: ReportVariant = {
  name: 'JSON lines',
  parse: (text) => {
    const read = readJsonLines('report', text, native);
    if (!read.ok) return read;
    return { ok: true, findings: findingsOf(read.value), notes: [], examined: NOT_PROVEN };
  },
};

const csv: ReportVariant = {
  name: 'CSV',
  parse: (text) => {
    const read = readCsvReport('report', text, row);
    if (!read.ok) return read;
    const muted = read.value.filter((item) => /^true$/i.test(item.muted ?? ''));
    const counted = read.value.filter((item) => !muted.includes(item));
    const said = `${muted.length} findings are muted by a list of Prowler's`;
    return {
      ok: true,
      findings: findingsOf(counted),
      notes: muted.length > 0 ? [{ message: said }] : [],
      examined: NOT_PROVEN,
    };
  },
};

export const variants: readonly ReportVariant[] = [
  jsonVariant('JSON of versions before 4', z.array(native), (items) => ({ findings: findingsOf(items) })),
  lines,
  csv,
];
