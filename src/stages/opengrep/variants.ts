import { z } from 'zod';
import type { ReportVariant } from '../contract/report.ts';
import { oneLine } from '../formats/sarif.ts';
import { jsonVariant, sarifVariant } from '../formats/variants.ts';
import { grepReport, toFinding, toNotes } from './output.ts';

/** Versions that did not list the files which they scanned. */
const withoutPaths = grepReport.omit({ paths: true });

const dependency = z.object({ name: z.string(), versionSpecifier: z.string() });
const supplyChain = z.object({
  vulns: z.array(
    z.object({
      title: z.string(),
      advisory: z.object({
        ruleId: z.string(),
        severity: z.string(),
        references: z.object({
          cveIds: z.array(z.string()).nullish(),
          cweIds: z.array(z.string()).nullish(),
          urls: z.array(z.string()).nullish(),
        }),
      }),
      matchedDependency: dependency,
      closestSafeDependency: dependency.nullish(),
      dependencyFileLocation: z.object({ path: z.string(), startLine: z.string() }).nullish(),
    }),
  ),
});

export const variants: readonly ReportVariant[] = [
  jsonVariant('JSON without paths', withoutPaths, (report, { relative }) => ({
    findings: report.results.map((item) => toFinding(item, relative)),
    notes: toNotes({ ...report, paths: { scanned: [] } }, relative),
  })),
  sarifVariant(['Semgrep', 'Semgrep OSS', 'Opengrep OSS', 'Opengrep', 'Semgrep PRO'], 'code'),
  jsonVariant("the supply-chain export of Semgrep's platform", supplyChain, ({ vulns }, { relative }) => ({
    findings: vulns.map(({ title, advisory, matchedDependency, ...item }) => {
      const { ruleId, severity, references } = advisory;
      const cwe = (references.cweIds ?? []).flatMap((text) => /^CWE-[1-9]\d{0,5}/.exec(text)?.[0] ?? []);
      const [url] = references.urls ?? [];
      const path = item.dependencyFileLocation && relative(item.dependencyFileLocation.path);
      const line = Number(item.dependencyFileLocation?.startLine);
      const { name, versionSpecifier: version } = matchedDependency;
      const fixedVersion = item.closestSafeDependency?.versionSpecifier;
      return {
        kind: 'vulnerability',
        rule: {
          id: ruleId,
          ...(url ? { url } : {}),
          ...(cwe.length > 0 ? { cwe: [...new Set(cwe)].sort() } : {}),
        },
        message: oneLine(`${name} ${version}: ${title}`),
        toolLevel: severity,
        ...(path
          ? { span: { path, ...(Number.isInteger(line) && line > 0 ? { startLine: line } : {}) } }
          : {}),
        package: { name, version, ...(fixedVersion ? { fixedVersion } : {}) },
        advisories: [...new Set(references.cveIds ?? [])].sort(),
      };
    }),
  })),
];
