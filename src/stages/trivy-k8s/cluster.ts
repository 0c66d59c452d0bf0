import { z } from 'zod';
import { isRecord } from '../../core/is-record.ts';
import type { ParseContext, ParseOutcome } from '../contract/report.ts';
import { findingsOf, result, withoutSnippets } from '../families/trivy/trivy-report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { withKnownLists } from '../formats/known-lists.ts';
import { mapList, omit, rewriteJson } from '../formats/sanitize.ts';

/** Trivy leaves an empty list of results out. */
const resource = withKnownLists(
  {
    Namespace: z.string().nullish(),
    Kind: z.string().nullish(),
    Name: z.string().nullish(),
    Results: z.array(result).nullish(),
    Error: z.string().nullish(),
  },
  ['Metadata'],
);

/** Names that the list of resources had before, and has in `--report summary`. */
const NAMES = ['Resources', 'Findings', 'Vulnerabilities', 'Misconfigurations'] as const;

/** `trivy k8s`: the results of each resource. */
export const cluster = z
  .object({
    ClusterName: z.string(),
    Resources: z.array(resource).nullish(),
    Findings: z.array(resource).nullish(),
    Vulnerabilities: z.array(resource).nullish(),
    Misconfigurations: z.array(resource).nullish(),
  })
  .refine((report) => NAMES.some((name) => report[name] !== undefined), `none of ${NAMES.join(', ')}`);

function resourcesOf(report: z.infer<typeof cluster>) {
  return NAMES.flatMap((name) => report[name] ?? []);
}

/** Findings of a cluster have no file: the resource stands in the message. */
export function clusterFindings(report: z.infer<typeof cluster>, context: ParseContext) {
  return resourcesOf(report).flatMap(({ Namespace, Kind, Name, Results }) => {
    const named = [Namespace, Kind, Name].filter((part) => part).join('/');
    return findingsOf(Results ?? [], context).map(({ span: _, ...finding }) => ({
      ...finding,
      message: named === '' ? finding.message : `${finding.message} [${named.slice(0, 200)}]`,
    }));
  });
}

export function readCluster(text: string | undefined, context: ParseContext): ParseOutcome {
  const read = readJsonReport('report', text, cluster);
  if (!read.ok) return read;
  const resources = resourcesOf(read.value);
  const failed = resources.filter(({ Error: error }) => error);
  return {
    ok: true,
    findings: clusterFindings(read.value, context),
    notes: failed.slice(0, 1000).map(({ Kind, Name }) => ({
      message: `not checked: ${[Kind, Name].filter((part) => part).join('/') || 'a resource'}`,
    })),
    examined: {
      count: resources.length - failed.length,
      unit: 'resources',
      evidence: 'Resources in the report, without failed ones',
    },
  };
}

/** Without snippets, and without what the report quotes of the objects themselves. */
export function sanitizeCluster(text: string): string {
  return rewriteJson(text, (json) => {
    const bare = mapList(json, 'Resources', (item) => {
      const results = isRecord(item) && Array.isArray(item.Results) ? item.Results : [];
      const kept = results.filter(isRecord).map((one) => withoutSnippets({ ...one }));
      const { Error: error, ...rest } = isRecord(item) ? item : {};
      return {
        ...(omit(rest, ['Metadata', 'Report', 'Results']) as object),
        ...(error ? { Error: 'an error' } : {}),
        Results: kept.filter((one) => one !== undefined),
      };
    });
    return isRecord(bare) ? omit(bare, ['CreatedAt', 'ReportID']) : bare;
  });
}
