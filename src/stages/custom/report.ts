import type { FindingKind } from '../../core/finding.ts';
import { unreachable } from '../../core/unreachable.ts';
import type {
  Examined,
  ParseContext,
  ParseOutcome,
  RawOutputs,
  ReportVariant,
  StageReport,
} from '../contract/report.ts';
import { cyclonedxBom, readCyclonedxBom } from '../formats/cyclonedx-report.ts';
import { readCyclonedxXml } from '../formats/cyclonedx-xml.ts';
import { gitlabVariant } from '../formats/gitlab-report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { stableSarif } from '../formats/sanitize.ts';
import { readSarif, type SarifReading } from '../formats/sarif.ts';
import { readJunit } from './junit.ts';
import { readSpdx, readSpdxTags, SPDX_3 } from './spdx.ts';
import type { Options } from './stage.ts';

type ReportFormat = 'sarif' | 'cyclonedx' | 'spdx' | 'junit';

/** Reads what a custom stage wrote; each format has its own proof that something was looked at. */
function readReport(
  raw: RawOutputs,
  context: ParseContext,
  { report, category }: { readonly report: ReportFormat; readonly category?: string | undefined },
): ParseOutcome {
  const text = raw[report];
  switch (report) {
    case 'sarif': {
      const sarif = readSarif(text, {
        output: 'sarif',
        drivers: [],
        kind: kindOf(category),
        relative: context.relative,
      });
      if (!sarif.ok) return sarif;
      const { findings, notes } = sarif.value;
      return { ok: true, findings, notes, examined: examinedBySarif(sarif.value, context.filesGiven) };
    }
    case 'cyclonedx':
      return readCyclonedx(text);
    case 'spdx':
      return readSpdx(text);
    case 'junit':
      return readJunit(text, context);
    default:
      return unreachable(report);
  }
}

/** What a scanner of secrets or personal data points at must not be published with its report. */
function kindOf(category: string | undefined): FindingKind {
  if (category === 'secrets') return 'secret';
  return category === 'privacy' ? 'privacy' : 'code';
}

function examinedBySarif({ artifacts, findings, runs }: SarifReading, filesGiven: number): Examined {
  if (artifacts > 0) return { count: artifacts, unit: 'files', evidence: 'runs[].artifacts' };
  const said = runs.some((run) => run.invocations?.some((item) => item.executionSuccessful === true));
  if (said) {
    return { count: filesGiven, unit: 'files', evidence: 'runs[].invocations[].executionSuccessful is true' };
  }
  const paths = new Set(findings.map(({ span }) => span?.path)).size;
  const evidence =
    paths > 0
      ? 'locations of the results, because there are no runs[].artifacts'
      : 'the report has no runs[].artifacts, no invocations[].executionSuccessful and no result';
  return { count: paths, unit: 'files', evidence };
}

function readCyclonedx(text: string | undefined): ParseOutcome {
  const isXml = /^\uFEFF?\s*</.test(text ?? '');
  const read = isXml ? readCyclonedxXml('cyclonedx', text) : readJsonReport('cyclonedx', text, cyclonedxBom);
  if (!read.ok) return read;
  const { findings, components: count } = readCyclonedxBom(read.value);
  return { ok: true, findings, notes: [], examined: { count, unit: 'packages', evidence: 'components[]' } };
}

/** For `secplan parse custom`, where no option says which format a file is of. */
const variants: readonly ReportVariant[] = [
  ...(['cyclonedx', 'spdx', 'junit'] as const).map((report) => ({
    name: { cyclonedx: 'CycloneDX', spdx: 'SPDX', junit: 'JUnit' }[report],
    parse: (text: string, context: ParseContext): ParseOutcome =>
      readReport({ [report]: text }, context, { report }),
  })),
  { name: 'SPDX as tags and values', parse: readSpdxTags },
  gitlabVariant('code'),
];

export const report: StageReport<Options> = {
  variants,
  unread: [SPDX_3],
  parse: (raw, context) => readReport(raw, context, context.options),
  sanitize: (output, text) => {
    if (output === 'sarif') return stableSarif(text);
    return output === 'junit' ? text.replace(/<(system-out|system-err)\b[^>]*>[\s\S]*?<\/\1>/g, '') : text;
  },
};
