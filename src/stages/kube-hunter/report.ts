import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { ParseOutcome, StageReport } from '../contract/report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { oneLine } from '../formats/one-line.ts';
import { inOneOrder, mapList, omit, rewriteJson } from '../formats/sanitize.ts';
import type { Options } from './stage.ts';

const vulnerability = z.object({
  location: z.string().nullish(),
  vid: z.string().nullish(),
  category: z.string().nullish(),
  severity: z.string(),
  vulnerability: z.string(),
  avd_reference: z.string().nullish(),
});

const reportSchema = z.object({
  nodes: z.array(z.unknown()),
  services: z.array(z.object({ service: z.string() })),
  vulnerabilities: z.array(vulnerability),
});

export const report: StageReport<Options> = {
  parse: (raw) => readKubeHunter(raw.report),
  sanitize: (_, text) => sanitizeKubeHunter(text),
};

/** kube-hunter's JSON. What it did not reach it did not look at: a service is the proof that something answered. */
function readKubeHunter(text: string | undefined): ParseOutcome {
  const read = readJsonReport('report', text, reportSchema);
  if (!read.ok) return read;
  return {
    ok: true,
    findings: read.value.vulnerabilities.map(toFinding),
    notes: [],
    examined: { count: read.value.services.length, unit: 'resources', evidence: 'services in the report' },
  };
}

function toFinding(item: z.infer<typeof vulnerability>): ParsedFinding {
  const { vid, vulnerability: name, location, category, avd_reference: url } = item;
  const where = location && location !== 'None' ? ` at ${location}` : '';
  return {
    kind: 'misconfiguration',
    rule: {
      id: vid && vid !== 'None' ? oneLine(vid) : oneLine(name),
      name: oneLine(name),
      ...(url?.startsWith('https://') ? { url } : {}),
    },
    // Never `evidence`: it may hold a token.
    message: oneLine(`${name}${where}${category ? ` (${category})` : ''}`),
    toolLevel: item.severity,
  };
}

/** Without the evidence, which may hold a token or a Secret; threads end in any order. */
function sanitizeKubeHunter(text: string): string {
  return rewriteJson(text, (json) => {
    const bare = mapList(json, 'vulnerabilities', (item) => omit(item, ['evidence']));
    if (!isRecord(bare)) return bare;
    return Object.fromEntries(
      Object.entries(bare).map(([key, value]) => [key, Array.isArray(value) ? inOneOrder(value) : value]),
    );
  });
}
