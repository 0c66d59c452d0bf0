import * as z from 'zod';
import type { ReportVariant } from '../contract/report.ts';
import { readXmlReport, xmlText } from '../formats/xml-report.ts';
import { packageOf, toFinding } from './json.ts';

const LISTS = ['dependency', 'identifier', 'package', 'vulnerability', 'cwe'];

const text = z.string().optional();
const numbered = z.string().optional();
const vulnerability = z.object({
  name: z.string(),
  /** `<severity unscored="true">` is an element with an attribute. */
  severity: z.union([z.string(), z.object({ '#text': text })]).optional(),
  cvssScore: numbered,
  cvssV2: z.object({ score: numbered }).optional(),
  cvssV3: z.object({ baseScore: numbered }).optional(),
  cvssV4: z.object({ baseScore: numbered }).optional(),
  cwe: z.array(z.string()).optional(),
  cwes: z.union([z.object({ cwe: z.array(z.string()).optional() }), z.literal('')]).optional(),
  description: text,
});
const dependency = z.object({
  fileName: text,
  filePath: z.string(),
  identifiers: z
    .union([
      z.object({
        identifier: z.array(z.object({ name: text })).optional(),
        package: z.array(z.object({ id: text })).optional(),
      }),
      z.literal(''),
    ])
    .optional(),
  vulnerabilities: z
    .union([
      z
        .object({
          vulnerability: z.array(vulnerability).optional(),
          suppressedVulnerability: z.unknown().optional(),
        })
        .refine(
          (item) => item.vulnerability !== undefined || item.suppressedVulnerability !== undefined,
          'no vulnerability in vulnerabilities',
        ),
      z.literal(''),
    ])
    .optional(),
});
const report = z.object({
  analysis: z.object({
    scanInfo: z.unknown(),
    dependencies: z.union([z.object({ dependency: z.array(dependency) }), z.literal('')]).optional(),
  }),
});

/** Its XML, of every version: with packages since 5.0, with identifiers before. */
export const xml: ReportVariant = {
  name: 'XML',
  parse: (raw, context) => {
    const read = readXmlReport('report', raw, LISTS, report);
    if (!read.ok) return read;
    const { dependencies } = read.value.analysis;
    const list = dependencies === undefined || dependencies === '' ? [] : dependencies.dependency;
    const findings = list.flatMap(({ identifiers, vulnerabilities, fileName, filePath }) => {
      const ids = identifiers || undefined;
      const id = ids?.package?.[0]?.id ?? ids?.identifier?.[0]?.name;
      const at = packageOf(id === undefined ? undefined : xmlText(id), fileName || filePath);
      return ((vulnerabilities || undefined)?.vulnerability ?? []).map((item) => {
        const { name, severity, description, cvssScore, cvssV2, cvssV3, cvssV4, cwe, cwes } = item;
        const found = {
          name,
          severity: typeof severity === 'object' ? severity['#text'] : severity,
          description: description === undefined ? undefined : xmlText(description),
          cvssv2: { score: cvssV2?.score ?? cvssScore },
          cvssv3: cvssV3,
          cvssv4: cvssV4,
          cwes: [...(cwe ?? []), ...((cwes || undefined)?.cwe ?? [])],
        };
        return toFinding(found, at, filePath, context);
      });
    });
    const count = list.length;
    return { ok: true, findings, notes: [], examined: { count, unit: 'packages', evidence: 'dependency' } };
  },
};
