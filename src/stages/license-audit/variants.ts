import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import type { ReportVariant } from '../contract/report.ts';
import { jsonVariant } from '../formats/variants.ts';
import { licenseFinding } from './output.ts';

/** `pip-licenses --format=json`. */
const pipLicenses = z.array(z.object({ Name: z.string(), Version: z.string(), License: z.string() }));

/** `license-checker --json`: packages by `name@version`. */
const licenseChecker = z
  .record(z.string().regex(/.@[^@]+$/), z.object({ licenses: z.union([z.string(), z.array(z.string())]) }))
  .refine((packages) => Object.keys(packages).length > 0, 'no package');

/** ScanCode Toolkit's `--json`; the expression stands under another name since version 32. */
const scancode = z.object({
  files: z.array(
    z.object({
      path: z.string(),
      detected_license_expression_spdx: z.string().nullish(),
      license_expressions: z.array(z.string()).nullish(),
    }),
  ),
});

/** What says that a licence is not known, in these tools' own words. */
const UNKNOWN = /^(unknown|unlicensed|noassertion|none|custom:.*|)$/i;

/**
 * Inventories of licences judge nothing: what they could not name is a finding, the rest is the policy's to allow. The
 * short names of families (`BSD`, `LGPL`) say neither version nor terms.
 */
function unnamed(name: string, version: string | null, license: string): ParsedFinding[] {
  if (!UNKNOWN.test(license.trim())) return [];
  const label = version === null ? name : `${name} ${version}`;
  return [licenseFinding({ name, version, purl: null }, 'license-unknown', `${label}: no known licence`)];
}

function read(count: number, findings: readonly ParsedFinding[]) {
  return { findings, notes: [{ message: `${count} ${count === 1 ? 'entry' : 'entries'}` }] };
}

export const variants: readonly ReportVariant[] = [
  jsonVariant('pip-licenses', pipLicenses, (packages) =>
    read(
      packages.length,
      packages.flatMap(({ Name, Version, License }) => unnamed(Name, Version, License)),
    ),
  ),
  jsonVariant('ScanCode', scancode, ({ files }, context) => {
    const findings = files.flatMap(({ path, ...file }) => {
      const expressions = [
        file.detected_license_expression_spdx ?? [],
        file.license_expressions ?? [],
      ].flat();
      if (!expressions.some((text) => /unknown/i.test(text))) return [];
      const known = context.relative(path);
      const finding: ParsedFinding = {
        kind: 'license',
        rule: { id: 'license-unknown' },
        message: `a licence text that ScanCode does not know: ${expressions.join(', ').slice(0, 500)}`,
        ...(known === undefined ? {} : { span: { path: known } }),
      };
      return [finding];
    });
    return read(files.length, findings);
  }),
  jsonVariant('license-checker', licenseChecker, (packages) => {
    const entries = Object.entries(packages);
    const findings = entries.flatMap(([id, { licenses }]) => {
      const at = id.lastIndexOf('@');
      return [licenses].flat().flatMap((license) => unnamed(id.slice(0, at), id.slice(at + 1), license));
    });
    return read(entries.length, findings);
  }),
];
