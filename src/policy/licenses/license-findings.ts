import type { PlannedLicenses } from '../../compiler/model/model.ts';
import type { ParsedFinding } from '../../core/finding.ts';
import type { Severity } from '../../core/severity.ts';
import { evaluateLicense, type LicenseRuling } from './evaluate-license.ts';

/** A package as a bill of materials names it. */
export interface LicensedComponent {
  readonly name: string;
  readonly version?: string;
  readonly purl?: string;
  /** SPDX expressions, ids or free names; several are all meant, as CycloneDX has it. */
  readonly licenses: readonly string[];
}

/** Rules of licence findings; each can be waived, and rated by `severityMap` of the tool that reports them. */
export const LICENSE_RULES = {
  denied: 'license-denied',
  'not-allowed': 'license-not-allowed',
  // Not `license-unknown`, which license-audit has: what two tools say by one rule of one package is one finding.
  unknown: 'license-unreadable',
} as const satisfies Record<Exclude<LicenseRuling['ruling'], 'ok'>, string>;

/** Findings of kind `license`: at most one for each ruling on a package. The order of the components does not matter. */
export function licenseFindings(
  components: readonly LicensedComponent[],
  lists: PlannedLicenses,
): readonly ParsedFinding[] {
  const found = new Map<string, ParsedFinding>();
  for (const component of components) {
    for (const finding of findingsOf(component, lists)) {
      const { name, version, purl } = component;
      found.set(JSON.stringify([purl ?? name, version ?? '', finding.rule.id]), finding);
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, finding]) => finding);
}

function findingsOf(component: LicensedComponent, lists: PlannedLicenses): readonly ParsedFinding[] {
  const texts = component.licenses.length === 0 ? ['NOASSERTION'] : component.licenses;
  const rulings = texts.map((text) => evaluateLicense(text, lists));
  return (['denied', 'not-allowed', 'unknown'] as const).flatMap((ruling) => {
    const hits = rulings.filter((one) => one.ruling === ruling);
    const severity: Severity | 'ignore' = ruling === 'unknown' ? lists.unknown : 'high';
    if (hits.length === 0 || severity === 'ignore') return [];
    const ids = [...new Set(hits.flatMap((one) => ('licenses' in one ? one.licenses : [])))].sort();
    return [finding(component, ruling, ids, severity)];
  });
}

function finding(
  { name, version, purl, licenses }: LicensedComponent,
  ruling: keyof typeof LICENSE_RULES,
  ids: readonly string[],
  severity: Severity,
): ParsedFinding {
  const what = version === undefined ? name : `${name} ${version}`;
  const message = {
    denied: `${what} is licensed under ${ids.join(', ')}, which the policy denies`,
    'not-allowed': `${what} is licensed under ${ids.join(', ')}, which the policy does not allow`,
    unknown: `${what} has no licence that secplan can read${licenses.length === 0 ? '' : `: ${licenses.join(', ')}`}`,
  }[ruling];
  return {
    kind: 'license',
    rule: { id: LICENSE_RULES[ruling], name: RULE_NAMES[ruling] },
    message: message.slice(0, 1000),
    severity,
    package: {
      name,
      ...(version === undefined ? {} : { version }),
      ...(purl === undefined ? {} : { purl }),
    },
  };
}

const RULE_NAMES = {
  denied: 'Licence denied by the policy',
  'not-allowed': 'Licence not allowed by the policy',
  unknown: 'Unreadable licence',
} as const;
