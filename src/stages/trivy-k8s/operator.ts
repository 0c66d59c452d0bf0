import { z } from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import type { ReportVariant } from '../contract/report.ts';
import { oneLine } from '../formats/one-line.ts';
import { jsonVariant } from '../formats/variants.ts';

const check = z.object({
  checkID: z.string(),
  title: z.string(),
  severity: z.string(),
  success: z.boolean(),
});
const secret = z.object({ ruleID: z.string(), title: z.string(), severity: z.string(), target: z.string() });
const vulnerability = z.object({
  vulnerabilityID: z.string(),
  resource: z.string(),
  installedVersion: z.string(),
  fixedVersion: z.string().nullish(),
  severity: z.string(),
  title: z.string(),
  primaryLink: z.string().nullish(),
});

/** A resource that Trivy's operator keeps in a cluster. */
const resource = z.object({
  apiVersion: z.string().startsWith('aquasecurity.github.io/'),
  kind: z.string(),
  metadata: z.object({ name: z.string() }),
  report: z.object({
    checks: z.array(check).nullish(),
    secrets: z.array(secret).nullish(),
    vulnerabilities: z.array(vulnerability).nullish(),
  }),
});

type Resource = z.infer<typeof resource>;

function findingsOf({ metadata, report }: Resource): ParsedFinding[] {
  const where = ` (${metadata.name})`;
  return [
    ...(report.checks ?? [])
      .filter(({ success }) => !success)
      .map(
        ({ checkID, title, severity }): ParsedFinding => ({
          kind: 'misconfiguration',
          rule: { id: checkID, name: oneLine(title) },
          message: oneLine(`${title}${where}`),
          toolLevel: severity,
        }),
      ),
    ...(report.secrets ?? []).map(
      ({ ruleID, title, severity, target }): ParsedFinding => ({
        kind: 'secret',
        rule: { id: ruleID, name: oneLine(title) },
        // Never `match`, which holds the line.
        message: oneLine(`${title} in ${target}${where}`),
        toolLevel: severity,
      }),
    ),
    ...(report.vulnerabilities ?? []).map(
      ({ vulnerabilityID: id, resource: name, installedVersion: version, ...item }): ParsedFinding => ({
        kind: 'vulnerability',
        rule: { id, name: oneLine(item.title), ...(item.primaryLink ? { url: item.primaryLink } : {}) },
        message: oneLine(`${name} ${version}: ${item.title}${where}`),
        toolLevel: item.severity,
        package: { name, version, ...(item.fixedVersion ? { fixedVersion: item.fixedVersion } : {}) },
        advisories: [id],
      }),
    ),
  ];
}

/** What `kubectl get -o json` gives of the operator's reports: one of them, or all of them by kind. */
export const operatorVariants: readonly ReportVariant[] = [
  jsonVariant('a report of the Trivy operator', resource, (one) => ({ findings: findingsOf(one) })),
  jsonVariant(
    'reports of the Trivy operator by kind',
    z
      .record(z.string().regex(/\.aquasecurity\.github\.io$/), z.array(resource))
      .refine((kinds) => Object.keys(kinds).length > 0, 'not a report'),
    (kinds) => ({ findings: Object.values(kinds).flat().flatMap(findingsOf) }),
  ),
];
