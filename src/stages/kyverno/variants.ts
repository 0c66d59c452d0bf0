import { z } from 'zod';
import type { ReportVariant } from '../contract/report.ts';
import { oneLine } from '../formats/sarif.ts';
import { jsonVariant } from '../formats/variants.ts';
import { readYamlReport } from '../formats/yaml-report.ts';
import { findingsOf, policyReport } from './output.ts';

/** What `kubectl get` gives of the reports that a cluster keeps. */
const list = z.object({ apiVersion: z.literal('v1'), items: z.array(policyReport).min(1) });

const named = z.object({
  kind: z.string().nullish(),
  metadata: z.object({ name: z.string().nullish(), namespace: z.string().nullish() }).nullish(),
});
/** The results of a scan by resource and rule. */
const byResource = z.object({
  results: z
    .array(
      z.object({
        resource: named.nullish(),
        rules: z.array(z.object({ name: z.string(), status: z.string(), message: z.string().nullish() })),
      }),
    )
    .min(1),
});

export const variants: readonly ReportVariant[] = [
  jsonVariant('one policy report', policyReport, (report) => ({ findings: findingsOf([report]) })),
  jsonVariant('a list of policy reports', list, ({ items }) => ({ findings: findingsOf(items) })),
  jsonVariant('results by resource', byResource, ({ results }) => ({
    findings: results.flatMap(({ resource, rules }) =>
      rules
        .filter(({ status }) => status === 'fail' || status === 'warn')
        .map(({ name, status, message }) => {
          const { namespace, name: object } = resource?.metadata ?? {};
          const where = [resource?.kind, namespace, object].filter((part) => part).join('/');
          const said = message || name;
          return {
            kind: 'misconfiguration' as const,
            rule: { id: oneLine(name) },
            message: oneLine(where === '' ? said : `${where}: ${said}`),
            toolLevel: status,
          };
        }),
    ),
  })),
  {
    name: 'YAML of policy reports',
    parse: (text) => {
      const read = readYamlReport('report', text, z.union([list, policyReport]));
      if (!read.ok) return read;
      const items = 'items' in read.value ? read.value.items : [read.value];
      return {
        ok: true,
        findings: findingsOf(items),
        notes: [],
        examined: { count: 0, unit: 'resources', evidence: 'a report from elsewhere' },
      };
    },
  },
];
