import { isRecord } from '../../core/is-record.ts';
import type { ParseOutcome, StageReport } from '../contract/report.ts';
import { cyclonedxBom, readCyclonedxBom } from '../formats/cyclonedx-report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { inOneOrder, mapList, omit, rewriteJson } from '../formats/sanitize.ts';
import { jsonVariant } from '../formats/variants.ts';
import type { Options } from './stage.ts';

/** dep-scan's report: the bill of materials that it was given, with `vulnerabilities`, if only an empty list. */
const reportSchema = cyclonedxBom.refine(
  ({ vulnerabilities }) => Array.isArray(vulnerabilities),
  'no list of vulnerabilities: the lookup did not run',
);

function readDepscan(raw: string | undefined): ParseOutcome {
  const read = readJsonReport('report', raw, reportSchema);
  if (!read.ok) return read;
  const { findings, components: count } = readCyclonedxBom(read.value);
  return { ok: true, findings, notes: [], examined: { count, unit: 'packages', evidence: 'components[]' } };
}

/** Of a project that it listed itself. */
const document = jsonVariant('a VDR', reportSchema, (bom) => ({
  findings: readCyclonedxBom(bom).findings,
}));

export const report: StageReport<Options> = {
  variants: [document],
  parse: (raw) => readDepscan(raw.report),
  sanitize: (_, text) => sanitizeDepscan(text),
};

/** Without ids and times of the run, and long texts. */
function sanitizeDepscan(raw: string): string {
  return rewriteJson(raw, (whole) => {
    const trimmed = mapList(omit(whole, ['serialNumber', 'annotations']), 'vulnerabilities', (item) =>
      omit(item, ['analysis', 'properties', 'advisories', 'recommendation', 'created', 'updated']),
    );
    if (!isRecord(trimmed)) return trimmed;
    const list = trimmed.vulnerabilities;
    return {
      ...trimmed,
      metadata: omit(trimmed.metadata, ['timestamp']),
      ...(Array.isArray(list) ? { vulnerabilities: inOneOrder(list) } : {}),
    };
  });
}
