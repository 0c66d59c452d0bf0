import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { Note, ParseOutcome, ReportVariant, StageReport } from '../contract/report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { withKnownLists } from '../formats/known-lists.ts';
import { oneLine } from '../formats/one-line.ts';
import { inOneOrder, mapList, omit, rewriteJson } from '../formats/sanitize.ts';
import { jsonVariant } from '../formats/variants.ts';
import { readYamlReport } from '../formats/yaml-report.ts';
import type { Options } from './stage.ts';

const object = z.object({
  kind: z.string().nullish(),
  name: z.string().nullish(),
  namespace: z.string().nullish(),
});

const result = z.object({
  policy: z.string(),
  rule: z.string().nullish(),
  result: z.string().nullish(),
  status: z.string().nullish(),
  severity: z.string().nullish(),
  message: z.string().nullish(),
  description: z.string().nullish(),
  resources: z.array(object).nullish(),
  resourceSelector: z.unknown().optional(),
});

/** A policy report of Kubernetes: by the working group's schema, or by OpenReports, which came of it. */
const policyReport = withKnownLists(
  {
    apiVersion: z.string().regex(/^(wgpolicyk8s\.io|openreports\.io)\//),
    kind: z.enum(['PolicyReport', 'ClusterPolicyReport', 'Report', 'ClusterReport']),
    scope: object.nullish(),
    /** Left out where there is none. */
    results: z.array(result).nullish(),
  },
  [],
);

type PolicyReport = z.infer<typeof policyReport>;

/** Ours, left by `asList`. */
const skippedPolicies = z.strictObject({ skipped: z.array(z.string()) });

const reports = z.array(z.union([policyReport, skippedPolicies])).min(1);

/** The policy of src/stages/kyverno/assets/canary that every object passes. */
const SEEN = 'secplan-seen';

/** What `kyverno apply --policy-report` prints: JSON documents with `---` between them, or the list that we store. */
function readKyverno(text: string | undefined): ParseOutcome {
  const read = readJsonReport('report', text === undefined ? undefined : asList(text), reports);
  if (!read.ok) return read;
  const list = read.value.filter((one): one is PolicyReport => !('skipped' in one));
  const skipped = read.value.flatMap((one) => ('skipped' in one ? one.skipped : []));
  const results = list.flatMap((report) => report.results ?? []);
  const errors = results.filter((item) => stateOf(item) === 'error');
  return {
    ok: true,
    findings: findingsOf(list),
    notes: [...skipped.map((name) => ({ policy: name, rule: '' })), ...errors].slice(0, 1000).map(
      ({ policy, rule }): Note => ({
        message: oneLine(`not checked: ${policy}${rule ? `/${rule}` : ''} could not be evaluated`),
      }),
    ),
    examined: {
      count: results.filter(({ policy }) => policy === SEEN).length,
      unit: 'resources',
      evidence: `results of ${SEEN}, which every object passes`,
    },
  };
}

/** Only what failed, or failed where the policy only warns. */
function findingsOf(list: readonly PolicyReport[]): ParsedFinding[] {
  return list.flatMap(({ results, scope }) =>
    (results ?? []).flatMap((item): ParsedFinding[] => {
      const state = stateOf(item);
      if (item.policy === SEEN || (state !== 'fail' && state !== 'warn')) return [];
      const at = item.resources?.[0] ?? scope ?? {};
      const where = [at.kind, at.namespace, at.name].filter((part) => part).join('/');
      const said = item.message || item.description || item.policy || item.rule || 'a policy is violated';
      const id = [item.policy, item.rule].filter((part) => part).join('/');
      return [
        {
          kind: 'misconfiguration',
          rule: { id: oneLine(id || 'unknown') },
          message: oneLine(where === '' ? said : `${where}: ${said}`),
          toolLevel: item.severity || state,
        },
      ];
    }),
  );
}

/** The first schema called it `status`. */
function stateOf({ result: state, status }: z.infer<typeof result>): string {
  // A report without either is not to be taken for one of passes.
  return state || status || 'fail';
}

/**
 * The documents as one JSON list: each is its own line, with `---` and words for people between them. Of these
 * words the policies that were skipped are kept. What holds no such line stays as it is.
 */
function asList(text: string): string {
  const lines = text.split('\n');
  const documents = lines.filter((line) => line.startsWith('{"'));
  if (documents.length === 0 || /^\s*\[/.test(text)) return text;
  const from = lines.indexOf('Policies Skipped:');
  const skipped = lines
    .slice(from < 0 ? lines.length : from)
    .flatMap((line) => /^[0-9]+\. (\S{1,200}?):/.exec(line)?.[1] ?? []);
  return `[${[...documents, ...(skipped.length > 0 ? [JSON.stringify({ skipped })] : [])].join(',')}]`;
}

/** Without times and ids, in one order, as one list. */
function sanitizeKyverno(text: string): string {
  return rewriteJson(asList(text), (json) => {
    if (!Array.isArray(json)) return json;
    const bare = json.map((report: unknown) => {
      const kept = mapList(omit(report, ['metadata']), 'results', (item) =>
        omit(item, ['timestamp', 'properties']),
      );
      return isRecord(kept) && Array.isArray(kept.results)
        ? { ...kept, results: inOneOrder(kept.results) }
        : kept;
    });
    return inOneOrder(bare);
  });
}

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

const variants: readonly ReportVariant[] = [
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
      const forms = z.union([list.transform(({ items }) => items), policyReport.transform((one) => [one])]);
      const found: PolicyReport[] = [];
      // `kubectl get -o yaml` of several names gives a list, other tools a document for each.
      for (const document of text.split(/^---[ \t]*$/m).filter((part) => /\S/.test(part))) {
        const read = readYamlReport('report', document, forms);
        if (!read.ok) return read;
        found.push(...read.value);
      }
      if (found.length === 0)
        return { ok: false, failure: { reason: 'report-schema', output: 'report', detail: 'no document' } };
      return {
        ok: true,
        findings: findingsOf(found),
        notes: [],
        examined: { count: 0, unit: 'resources', evidence: 'a report from elsewhere' },
      };
    },
  },
];

export const report: StageReport<Options> = {
  variants,
  parse: (raw) => readKyverno(raw.report),
  sanitize: (_, text) => sanitizeKyverno(text),
};
