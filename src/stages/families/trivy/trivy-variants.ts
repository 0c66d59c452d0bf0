import { z } from 'zod';
import type { ReportVariant } from '../../contract/report.ts';
import { jsonVariant, sarifVariant } from '../../formats/variants.ts';
import { findingsOf, result } from './trivy-report.ts';

/** Versions before 0.20 wrote the results alone. */
const schemaOne = z.array(result);

/** Forms that every command of Trivy's can have written. */
export const trivyVariants: readonly ReportVariant[] = [
  jsonVariant('JSON of schema version 1', schemaOne, (results, context) => ({
    findings: findingsOf(results, context),
  })),
  sarifVariant(['Trivy'], (rule) => {
    const tags = [rule?.properties?.tags].flat();
    if (tags.includes('vulnerability')) return 'vulnerability';
    if (tags.includes('secret')) return 'secret';
    return tags.includes('license') ? 'license' : 'misconfiguration';
  }),
];
