import * as z from 'zod';
import { CATEGORIES } from '../../core/category.ts';
import type { Finding } from '../../core/finding.ts';
import { SEVERITIES } from '../../core/severity.ts';

const span = z.object({
  path: z.string(),
  startLine: z.number().optional(),
  startColumn: z.number().optional(),
  endLine: z.number().optional(),
  endColumn: z.number().optional(),
});
const severity = z.enum(SEVERITIES);
const account = z.object({
  tool: z.string(),
  stage: z.string(),
  rule: z.string(),
  severity,
  toolLevel: z.string().optional(),
  message: z.string(),
  span: span.optional(),
  alsoAt: z.array(span).optional(),
  fingerprint: z.string(),
});
const result = z.object({
  ruleId: z.string(),
  ruleIndex: z.number(),
  message: z.object({ text: z.string() }),
  partialFingerprints: z.object({ 'secplan/v1': z.string() }),
  properties: z.object({
    severity,
    kind: z.enum(['code', 'secret', 'vulnerability', 'misconfiguration', 'license', 'privacy', 'other']),
    category: z.enum(CATEGORIES),
    target: z.string(),
    span: span.optional(),
    alsoAt: z.array(span).optional(),
    package: z
      .object({
        name: z.string(),
        version: z.string().optional(),
        purl: z.string().optional(),
        fixedVersion: z.string().optional(),
      })
      .optional(),
    advisories: z.array(z.string()).default([]),
    accounts: z.array(account).min(1),
  }),
});
const rule = z.object({
  id: z.string(),
  shortDescription: z.object({ text: z.string() }).optional(),
  helpUri: z.string().optional(),
  properties: z.object({ tags: z.array(z.string()).default([]) }).optional(),
});
const log = z.object({
  runs: z
    .array(
      z.object({ tool: z.object({ driver: z.object({ rules: z.array(rule) }) }), results: z.array(result) }),
    )
    .length(1),
});

/**
 * The findings of a findings.sarif that secplan wrote: the inverse of `sarifChunks`.
 * @throws ZodError or SyntaxError on any other text; callers turn it into SP6002.
 */
export function readFindings(text: string): readonly Finding[] {
  const run = log.parse(JSON.parse(text)).runs[0];
  return (run?.results ?? []).map((item) => {
    const described = run?.tool.driver.rules[item.ruleIndex];
    const { accounts, span: place, package: pack, ...properties } = item.properties;
    const cwe = (described?.properties?.tags ?? []).flatMap(
      (tag) => /^external\/cwe\/(cwe-\d+)$/.exec(tag)?.[1]?.toUpperCase() ?? [],
    );
    return {
      ...properties,
      fingerprint: item.partialFingerprints['secplan/v1'],
      rule: {
        id: item.ruleId.slice(item.ruleId.indexOf('/') + 1),
        ...(described?.shortDescription === undefined ? {} : { name: described.shortDescription.text }),
        ...(described?.helpUri === undefined ? {} : { url: described.helpUri }),
        ...(cwe.length === 0 ? {} : { cwe }),
      },
      message: item.message.text,
      ...(place === undefined ? {} : { span: place }),
      ...(pack === undefined ? {} : { package: pack }),
      accounts: accounts.map(({ rule: id, ...rest }) => ({ ...rest, rule: { id } })),
    } as unknown as Finding;
  });
}
