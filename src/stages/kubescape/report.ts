import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { ParseContext, ParseOutcome, StageReport } from '../contract/report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { locationOf } from '../formats/location.ts';
import { oneLine } from '../formats/one-line.ts';
import { inOneOrder, mapList, omit, rewriteJson } from '../formats/sanitize.ts';
import type { Options } from './stage.ts';
import { variants } from './variants.ts';

const control = z.object({
  controlID: z.string(),
  name: z.string(),
  status: z.object({ status: z.string(), subStatus: z.string().nullish() }),
});

const resource = z.object({
  resourceID: z.string(),
  source: z.object({ path: z.string().nullish(), relativePath: z.string().nullish() }).nullish(),
});

const reportSchema = z.object({
  summaryDetails: z.object({
    // As pairs: the keys come with the report.
    controls: z.preprocess(
      (value) => (isRecord(value) ? Object.entries(value) : value),
      z.array(z.tuple([z.string(), z.object({ scoreFactor: z.number().nullish() })])),
    ),
  }),
  results: z.array(z.object({ resourceID: z.string(), controls: z.array(control).nullable() })).nullable(),
  resources: z.array(resource).nullish(),
});

export const report: StageReport<Options> = {
  variants,
  parse: (raw, context) => readKubescape(raw.report, context),
  sanitize: (_, text) => sanitizeKubescape(text),
};

/** Kubescape's JSON, version 2: the controls of each resource. */
function readKubescape(text: string | undefined, context: ParseContext): ParseOutcome {
  const read = readJsonReport('report', text, reportSchema);
  if (!read.ok) return read;
  const { summaryDetails, results, resources } = read.value;
  const scores = new Map(summaryDetails.controls.map(([id, { scoreFactor }]) => [id, scoreFactor ?? 0]));
  const places = new Map(
    (resources ?? []).map(({ resourceID, source }) => [resourceID, pathOf(source, context)]),
  );
  let excepted = 0;
  const findings = (results ?? []).flatMap(({ resourceID, controls }) =>
    (controls ?? []).flatMap(({ controlID, name, status }): ParsedFinding[] => {
      if (status.subStatus === 'w/exceptions') excepted += 1;
      if (status.status !== 'failed') return [];
      const path = places.get(resourceID);
      return [
        {
          kind: 'misconfiguration',
          rule: {
            id: oneLine(controlID),
            name: oneLine(name),
            url: `https://kubescape.io/docs/controls/${encodeURIComponent(controlID.toLowerCase())}/`,
          },
          message: oneLine(`${name} (${objectOf(resourceID)})`),
          toolLevel: levelOf(scores.get(controlID) ?? 0),
          ...locationOf(path),
        },
      ];
    }),
  );
  const looked = (results ?? []).filter(({ controls }) => (controls?.length ?? 0) > 0).length;
  return {
    ok: true,
    findings,
    notes: excepted === 0 ? [] : [{ message: `${excepted} checks are suppressed by an exception` }],
    examined: { count: looked, unit: 'resources', evidence: 'results[] with controls in the report' },
  };
}

/** `path=1/api=apps/v1//Deployment/shop` to `Deployment/shop`. */
function objectOf(id: string): string {
  return id.split('/').slice(-2).join('/');
}

function levelOf(score: number): string {
  if (score >= 9) return 'Critical';
  if (score >= 7) return 'High';
  if (score >= 4) return 'Medium';
  return score >= 1 ? 'Low' : 'Unknown';
}

function pathOf(source: z.infer<typeof resource>['source'], context: ParseContext): string | undefined {
  const { path, relativePath } = source ?? {};
  if (!relativePath) return undefined;
  return (path ? context.relative(`${path}/${relativePath}`) : undefined) ?? context.relative(relativePath);
}

/** Without the objects (a Secret is one), suggested values, ids of the machine and times. */
function sanitizeKubescape(text: string): string {
  return rewriteJson(text, (json) => {
    if (!isRecord(json)) return json;
    const { summaryDetails, results, resources } = json;
    const ordered = (list: unknown): unknown => (Array.isArray(list) ? inOneOrder(list) : list);
    const bare = mapList({ results: ordered(results) }, 'results', (item) =>
      mapList(omit(item, ['prioritizedResource']), 'controls', (one) => omit(one, ['rules'])),
    ) as { results: unknown };
    return {
      summaryDetails,
      resources: ordered(
        Array.isArray(resources) ? resources.map((item: unknown) => omit(item, ['object'])) : resources,
      ),
      results: bare.results,
    };
  });
}
