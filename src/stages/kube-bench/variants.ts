import type { ReportVariant } from '../contract/report.ts';
import { jsonVariant } from '../formats/variants.ts';
import { controls, findingsOf, notesOf } from './output.ts';

export const variants: readonly ReportVariant[] = [
  jsonVariant('the list that versions before 0.6 and --nototals write', controls, (list) => ({
    findings: findingsOf(list),
    notes: notesOf(list),
  })),
];
