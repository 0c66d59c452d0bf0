import { z } from 'zod';
import type { ReportVariant } from '../contract/report.ts';
import { oneLine } from '../formats/one-line.ts';
import { sarifVariant } from '../formats/variants.ts';
import { readXmlReport, xmlText } from '../formats/xml-report.ts';

const failure = z.object({ message: z.string().optional() });
const junit = z.object({
  testsuites: z.array(
    z.object({
      name: z.literal('Kubescape Scanning'),
      testsuite: z
        .array(
          z.object({
            testcase: z
              .array(
                z.object({ classname: z.string(), name: z.string(), failure: z.array(failure).optional() }),
              )
              .optional(),
          }),
        )
        .optional(),
    }),
  ),
});

export const variants: readonly ReportVariant[] = [
  {
    name: 'JUnit',
    parse: (text) => {
      const read = readXmlReport('report', text, ['testsuites', 'testsuite', 'testcase', 'failure'], junit);
      if (!read.ok) return read;
      const cases = read.value.testsuites.flatMap(({ testsuite }) =>
        (testsuite ?? []).flatMap(({ testcase }) => testcase ?? []),
      );
      return {
        ok: true,
        findings: cases.flatMap(({ classname, name, failure: failures }) =>
          (failures ?? []).map(({ message }) => ({
            kind: 'misconfiguration' as const,
            rule: {
              id: oneLine(xmlText(classname).split('/').at(-1) ?? classname),
              name: oneLine(xmlText(name)),
            },
            message: oneLine(xmlText(message ?? name)),
            toolLevel: 'Medium',
          })),
        ),
        notes: [],
        examined: { count: 0, unit: 'rules', evidence: 'a report from elsewhere' },
      };
    },
  },
  sarifVariant(['kubescape'], 'misconfiguration'),
];
