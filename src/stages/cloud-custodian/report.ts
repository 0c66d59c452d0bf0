import * as z from 'zod';
import type { ParseOutcome, ReportVariant, StageReport } from '../contract/report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { oneLine } from '../formats/one-line.ts';
import { jsonVariant } from '../formats/variants.ts';
import type { Options } from './stage.ts';

/** What src/stages/families/cloud/assets/collect_custodian.py makes of the folders of a dry run. */
const reportSchema = z.object({
  custodian: z.literal(1),
  policies: z.array(
    z.object({
      name: z.string(),
      resource: z.string(),
      description: z.string().nullish(),
      severity: z.string().nullish(),
      ran: z.boolean(),
      resources: z.array(z.string()),
    }),
  ),
});

/** Every resource that a policy matches is a finding: our policies match what is wrong. */
function readCustodian(text: string | undefined): ParseOutcome {
  const read = readJsonReport('report', text, reportSchema);
  if (!read.ok) return read;
  const { policies } = read.value;
  return {
    ok: true,
    findings: policies.flatMap(({ name, resource, description, severity, resources }) =>
      resources.map((found) => ({
        kind: 'misconfiguration' as const,
        rule: { id: oneLine(name), ...(description ? { name: oneLine(description) } : {}) },
        message: oneLine(`${description || name} (${resource} ${found})`),
        toolLevel: severity || 'matched',
      })),
    ),
    notes: policies
      .filter(({ ran }) => !ran)
      .slice(0, 1000)
      .map(({ name }) => ({ message: oneLine(`not checked: ${name} could not be evaluated`) })),
    examined: {
      count: policies.filter(({ ran }) => ran).length,
      unit: 'rules',
      evidence: 'policies of the dry run that left resources.json',
    },
  };
}

const id = z.string().nullish();

/** `resources.json` of one policy: which one stands in the name of its folder only. */
const resources = z.array(
  z
    .object({ InstanceId: id, Arn: id, GroupId: id, VolumeId: id, DBInstanceIdentifier: id, Name: id })
    .refine((item) => Object.values(item).some((value) => value), 'no known id'),
);

const variants: readonly ReportVariant[] = [
  jsonVariant('resources.json of one policy', resources, (items) => ({
    findings: items.map((item) => ({
      kind: 'misconfiguration',
      rule: { id: 'custodian-policy' },
      message: oneLine(`a policy matches ${Object.values(item).find((value) => value) ?? 'a resource'}`),
      toolLevel: 'matched',
    })),
  })),
];

export const report: StageReport<Options> = {
  variants,
  parse: (raw) => readCustodian(raw.report),
};
