import type { ParseContext, ParseOutcome, ReportVariant } from '../contract/report.ts';
import { readReport } from './output.ts';
import { readSpdxTags } from './spdx.ts';

/** For `secplan parse custom`, where no option says which format a file is of. */
export const variants: readonly ReportVariant[] = [
  ...(['cyclonedx', 'spdx', 'junit'] as const).map((report) => ({
    name: { cyclonedx: 'CycloneDX', spdx: 'SPDX', junit: 'JUnit' }[report],
    parse: (text: string, context: ParseContext): ParseOutcome =>
      readReport({ [report]: text }, context, { report }),
  })),
  { name: 'SPDX as tags and values', parse: readSpdxTags },
];
