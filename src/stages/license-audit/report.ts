import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import type { ParseOutcome, ReportVariant, StageReport } from '../contract/report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { jsonVariant } from '../formats/variants.ts';
import type { Options } from './stage.ts';

/** What src/stages/license-audit/assets/audit.py writes. */
const reportSchema = z.object({
  schema: z.literal('https://secplan.dev/schema/license-audit/v1'),
  documents: z.number().int().nonnegative(),
  components: z.array(
    z.object({
      name: z.string(),
      version: z.string().nullable(),
      purl: z.string().nullable(),
      licenses: z.array(
        z.object({
          text: z.string(),
          expression: z.string().nullable(),
          invalid: z.boolean(),
          categories: z.record(z.string(), z.string()),
        }),
      ),
    }),
  ),
});

type Component = z.infer<typeof reportSchema>['components'][number];

type License = Component['licenses'][number];

/** A finding for each package and kind of obligation that is not accepted; packages without a licence are one, too. */
function readAudit(text: string | undefined, accept: readonly string[]): ParseOutcome {
  const read = readJsonReport('report', text, reportSchema);
  if (!read.ok) return read;
  const { components, documents } = read.value;
  const accepted = new Set(accept.map((category) => category.toLowerCase()));
  return {
    ok: true,
    findings: components.flatMap((component) => findingsOf(component, accepted)),
    notes: [],
    // A document without packages was looked at, too.
    examined: {
      count: documents + components.length,
      unit: 'packages',
      evidence: 'components[] of the report, and the document itself',
    },
  };
}

function findingsOf(component: Component, accepted: ReadonlySet<string>): ParsedFinding[] {
  if (component.licenses.length === 0) {
    return [licenseFinding(component, 'license-undeclared', `${label(component)} declares no licence`)];
  }
  const byRule = new Map<string, Set<string>>();
  for (const license of component.licenses) {
    for (const rule of rulesOf(license, accepted)) {
      byRule.set(rule, (byRule.get(rule) ?? new Set()).add(license.expression ?? license.text));
    }
  }
  return [...byRule].map(([rule, texts]) => {
    const licenses = [...texts].sort().join(', ');
    return licenseFinding(component, rule, `${label(component)}: ${licenses} is ${MEANING(rule)}`);
  });
}

function rulesOf({ expression, invalid, categories }: License, accepted: ReadonlySet<string>): string[] {
  if (invalid) return ['license-invalid'];
  if (expression === null) return ['license-unknown'];
  const named = Object.values(categories).filter((category) => !accepted.has(category.toLowerCase()));
  // One side of an OR that is accepted is a choice that the user has.
  const free = Object.values(categories).some((category) => accepted.has(category.toLowerCase()));
  if (named.length === 0 || (free && isChoice(expression))) return [];
  return [...new Set(named.map(ruleOf))];
}

/** Whether the outermost operator is OR: no AND outside of parentheses. */
function isChoice(expression: string): boolean {
  let outer = expression;
  for (let before = ''; before !== outer; ) {
    before = outer;
    outer = outer.replace(/\([^()]*\)/g, '');
  }
  return / OR /.test(outer) && !/ AND /.test(outer);
}

function ruleOf(category: string): string {
  const slug = category
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return `license-${slug === '' || slug === 'unstated-license' ? 'unknown' : slug}`;
}

const MEANING = (rule: string): string =>
  ({
    'license-invalid': 'no licence expression',
    'license-unknown': 'no known licence',
  })[rule] ?? `of the category ${rule.slice('license-'.length).replaceAll('-', ' ')}`;

function label({ name, version }: Component): string {
  return version === null ? name : `${name} ${version}`;
}

/** A finding of kind `license` on a package. */
function licenseFinding(
  { name, version, purl }: Pick<Component, 'name' | 'version' | 'purl'>,
  rule: string,
  message: string,
): ParsedFinding {
  return {
    kind: 'license',
    rule: { id: rule },
    message: oneLine(message).slice(0, 1000),
    package: {
      name,
      ...(version === null ? {} : { version }),
      ...(purl === null ? {} : { purl }),
    },
  };
}

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
      scan_errors: z.array(z.string()).nullish(),
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

const variants: readonly ReportVariant[] = [
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
        ...locationOf(known),
      };
      return [finding];
    });
    const broken = files.filter(({ scan_errors: errors }) => (errors?.length ?? 0) > 0);
    const { notes } = read(files.length, findings);
    return {
      findings,
      notes: [
        ...notes,
        ...broken.slice(0, 1000).map(({ path }) => {
          const known = context.relative(path);
          const message = 'not checked: ScanCode reports an error for it';
          return { message, ...(known === undefined ? {} : { path: known }) };
        }),
      ],
    };
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

export const report: StageReport<Options> = {
  variants,
  parse: (raw, context) => readAudit(raw.report, context.options.accept),
};
