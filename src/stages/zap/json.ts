import { z } from 'zod';
import { byCodeUnit } from '../../core/canonical.ts';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { Note, ParseOutcome } from '../contract/report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { oneLine } from '../formats/one-line.ts';
import { mapList, omit, rewriteJson } from '../formats/sanitize.ts';

/** One kind of alert on one site, as the JSON and the XML report have it. */
export const alert = z.object({
  pluginid: z.string(),
  name: z.string().nullish(),
  alert: z.string().nullish(),
  riskcode: z.string(),
  confidence: z.string().nullish(),
  cweid: z.string().nullish(),
  instances: z.array(z.object({ uri: z.string().nullish(), method: z.string().nullish() })).nullish(),
});

const site = z.object({ '@name': z.string(), alerts: z.array(alert) });

const report = z.object({
  // `OWASP ZAP` of old, `ZAP` now.
  '@programName': z.string().regex(/ZAP/).nullish(),
  '@version': z.string(),
  // Version 2.7 wrote an object where there was one site.
  site: z.preprocess((value) => (isRecord(value) ? [value] : value), z.array(site)),
});

const LEVELS = ['Informational', 'Low', 'Medium', 'High'];

/** The template `traditional-json`, and the plan's progress, which tells how many URLs were visited. */
export function readZap(text: string | undefined, progress: string): ParseOutcome {
  const read = readJsonReport('report', text, report);
  if (!read.ok) return read;
  let count = 0;
  for (const match of progress.matchAll(/^Job \S+ (?:found|added) (\d{1,9}) URLs/gm))
    count += Number(match[1]);
  const { site } = read.value;
  return {
    ok: true,
    findings: site.flatMap(({ alerts }) => alerts.flatMap(alertFinding)),
    notes: [...falsePositives(site.flatMap(({ alerts }) => alerts)), ...warnings(progress)],
    examined: {
      count,
      unit: 'requests',
      evidence: 'URLs that jobs found or added, from the progress of the plan on standard output',
    },
  };
}

/** One finding a kind of alert and site. The place is the first by path: how many there are changes with every crawl. */
export function alertFinding(item: z.infer<typeof alert>): ParsedFinding[] {
  if (item.confidence === '0') return [];
  const name = item.name || item.alert || item.pluginid;
  const places = (item.instances ?? []).map(({ uri, method }) => `${method || 'GET'} ${pathOf(uri ?? '')}`);
  const [place] = [...new Set(places)].sort(byCodeUnit);
  const cwe = Number(item.cweid);
  return [
    {
      kind: 'other',
      rule: {
        id: item.pluginid,
        name: oneLine(name),
        ...(/^\d{1,9}$/.test(item.pluginid)
          ? { url: `https://www.zaproxy.org/docs/alerts/${item.pluginid}/` }
          : {}),
        ...(Number.isInteger(cwe) && cwe > 0 ? { cwe: [`CWE-${cwe}`] } : {}),
      },
      message: oneLine(place === undefined ? name : `${name}: ${place}`),
      toolLevel: LEVELS[Number(item.riskcode)] ?? 'Medium',
    },
  ];
}

function falsePositives(alerts: readonly z.infer<typeof alert>[]): Note[] {
  const count = alerts.filter(({ confidence }) => confidence === '0').length;
  return count === 0 ? [] : [{ message: `${count} alerts that ZAP marks as false positives are skipped` }];
}

function warnings(progress: string): Note[] {
  const at = progress.search(/^Automation plan warnings:/m);
  if (at === -1) return [];
  return progress
    .slice(at)
    .split('\n')
    .slice(1, 21)
    .filter((line) => /^\s+\S/.test(line))
    .map((line) => ({ message: oneLine(bare(line)) }));
}

/** Host and port are the target's, and may be others in every run. */
function pathOf(uri: string): string {
  return bare(uri).replace(/^[a-z]+:\/\/[^/]*/i, '') || '/';
}

/** Without query strings: attacks and tokens stand there. */
function bare(uri: string): string {
  return uri.replace(/[?#]\S*/g, '');
}

const QUOTES = ['evidence', 'attack', 'otherinfo', 'desc', 'solution', 'reference', 'sourceid', 'id'];

/** Without what was sent and answered, and without what differs from run to run. */
export function sanitizeZap(text: string): string {
  return rewriteJson(text, (json) =>
    mapList(omit(json, ['@generated', 'created', 'insights', 'statistics', 'sequences']), 'site', (site) =>
      mapList(site, 'alerts', (item) =>
        mapList(omit(item, QUOTES), 'instances', (instance) => {
          const kept = omit(instance, QUOTES);
          return isRecord(kept) && typeof kept.uri === 'string' ? { ...kept, uri: bare(kept.uri) } : kept;
        }),
      ),
    ),
  );
}
