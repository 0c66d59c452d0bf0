import { z } from 'zod';
import type { ReportVariant } from '../contract/report.ts';
import { oneLine } from '../formats/one-line.ts';
import { readYamlReport } from '../formats/yaml-report.ts';

/** A constraint as the cluster keeps it, with what the last audit found. */
const constraint = z.object({
  apiVersion: z.string().startsWith('constraints.gatekeeper.sh/'),
  kind: z.string(),
  metadata: z.object({ name: z.string() }),
  status: z.object({
    violations: z
      .array(
        z.object({
          enforcementAction: z.string().nullish(),
          kind: z.string(),
          name: z.string(),
          namespace: z.string().nullish(),
          message: z.string(),
        }),
      )
      .nullish(),
  }),
});

export const variants: readonly ReportVariant[] = [
  {
    name: "a constraint's YAML with the status of an audit",
    parse: (text) => {
      const read = readYamlReport('report', text, constraint);
      if (!read.ok) return read;
      const { metadata, kind, status } = read.value;
      return {
        ok: true,
        findings: (status.violations ?? []).map((item) => ({
          kind: 'misconfiguration',
          rule: { id: oneLine(metadata.name), name: oneLine(kind) },
          message: oneLine(
            `${item.kind} ${[item.namespace, item.name].filter((part) => part).join('/')}: ${item.message}`,
          ),
          toolLevel: item.enforcementAction || 'deny',
        })),
        notes: [],
        examined: { count: 0, unit: 'resources', evidence: 'a report from elsewhere' },
      };
    },
  },
];
