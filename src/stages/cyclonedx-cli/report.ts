import type { ParsedFinding } from '../../core/finding.ts';
import type { ParseContext, ParseOutcome, ReportVariant, StageReport } from '../contract/report.ts';
import { cyclonedxBom, readCyclonedxBom } from '../formats/cyclonedx-report.ts';
import { readCyclonedxXml } from '../formats/cyclonedx-xml.ts';
import { oneLine } from '../formats/one-line.ts';
import { jsonVariant } from '../formats/variants.ts';
import type { Options } from './stage.ts';

const VALID = /^BOM validated successfully\.$/m;

const INVALID = /^BOM is not valid\.$/m;

const STARTED = /^Validating (?:JSON|XML) BOM\.\.\.$/m;

/** What `cyclonedx validate` prints: its messages, then one of two last lines. */
function readValidation(raw: string | undefined, context: ParseContext): ParseOutcome {
  if (raw === undefined) return { ok: false, failure: { reason: 'report-missing', output: 'report' } };
  if (raw.trim() === '') return { ok: false, failure: { reason: 'report-empty', output: 'report' } };
  const valid = VALID.test(raw);
  if (valid === INVALID.test(raw)) {
    const reason = STARTED.test(raw) ? 'report-malformed' : 'report-schema';
    const detail = 'it does not say whether the bill of materials is valid';
    return { ok: false, failure: { reason, output: 'report', detail } };
  }
  const count = STARTED.test(raw) ? 1 : 0;
  const examined = { count, unit: 'resources', evidence: 'the first line of the output' } as const;
  return { ok: true, findings: valid ? [] : problems(raw, context), notes: [], examined };
}

function problems(raw: string, context: Pick<ParseContext, 'target'>): ParsedFinding[] {
  const messages = raw
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !INVALID.test(line) && !STARTED.test(line));
  const said = messages.length > 0 ? [...new Set(messages)].slice(0, 200) : ['no reason given'];
  return said.map((message) => ({
    kind: 'other',
    rule: { id: 'invalid-sbom', name: 'The bill of materials is not valid CycloneDX' },
    message: oneLine(`Bill of materials of ${context.target.name}: ${message}`),
  }));
}

/** A CycloneDX document itself, for `secplan parse`: the vulnerabilities that it lists, of a VEX or VDR too. */
const document = jsonVariant('a CycloneDX document', cyclonedxBom, (bom) => ({
  findings: readCyclonedxBom(bom).findings,
}));

const inXml: ReportVariant = {
  name: 'a CycloneDX document in XML',
  parse: (text) => {
    const read = readCyclonedxXml('report', text);
    if (!read.ok) return read;
    const { findings, components: count } = readCyclonedxBom(read.value);
    return { ok: true, findings, notes: [], examined: { count, unit: 'packages', evidence: 'components' } };
  },
};

export const report: StageReport<Options> = {
  variants: [document, inXml],
  parse: (raw, context) => readValidation(raw.report, context),
};
