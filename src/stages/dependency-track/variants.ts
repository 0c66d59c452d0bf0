import type { ReportVariant } from '../contract/report.ts';
import { jsonVariant } from '../formats/variants.ts';
import { findingsOf, packaged } from './output.ts';

/** The server's own export, as its pages and its interface give it. */
export const variants: readonly ReportVariant[] = [
  jsonVariant('File Packaging Format', packaged, (report) => ({ findings: findingsOf(report) })),
];
