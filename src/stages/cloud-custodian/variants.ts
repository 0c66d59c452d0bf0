import { z } from 'zod';
import type { ReportVariant } from '../contract/report.ts';
import { oneLine } from '../formats/sarif.ts';
import { jsonVariant } from '../formats/variants.ts';

const id = z.string().nullish();
/** `resources.json` of one policy: which one stands in the name of its folder only. */
const resources = z.array(
  z
    .object({ InstanceId: id, Arn: id, GroupId: id, VolumeId: id, DBInstanceIdentifier: id, Name: id })
    .refine((item) => Object.values(item).some((value) => value), 'no id that is known'),
);

export const variants: readonly ReportVariant[] = [
  jsonVariant('resources.json of one policy', resources, (items) => ({
    findings: items.map((item) => ({
      kind: 'misconfiguration',
      rule: { id: 'custodian-policy' },
      message: oneLine(`a policy matches ${Object.values(item).find((value) => value) ?? 'a resource'}`),
      toolLevel: 'matched',
    })),
  })),
];
