import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { ParseOutcome, StageReport } from '../contract/report.ts';
import { readJsonLines } from '../formats/jsonl-report.ts';
import { oneLine } from '../formats/one-line.ts';
import { rewriteLines } from '../formats/sanitize.ts';
import type { Options } from './stage.ts';

const text = z.string().nullish();

const alert = z.object({
  rule: z.string(),
  priority: z.string(),
  output_fields: z
    .object({
      'proc.name': text,
      'container.name': text,
      'container.image.repository': text,
      'k8s.ns.name': text,
      'k8s.pod.name': text,
      'falco.num_evts': z.number().nullish(),
    })
    .nullish(),
});

const METRICS = 'Falco internal: metrics snapshot';

/** Falco's alerts, one a line. Its own snapshots of metrics among them count the events that it saw. */
function readFalco(report: string | undefined): ParseOutcome {
  const read = readJsonLines('report', report, alert);
  if (!read.ok) return read;
  const snapshots = read.value.filter(({ rule }) => rule === METRICS);
  const seen = snapshots.map(({ output_fields: fields }) => fields?.['falco.num_evts'] ?? 0);
  const dropped = read.value.some(({ rule }) => /^Falco internal: .*drop/i.test(rule));
  const findings = new Map<string, ParsedFinding>();
  for (const item of read.value) {
    if (item.rule.startsWith('Falco internal: ')) continue;
    const found = toFinding(item);
    findings.set(JSON.stringify(found), found);
  }
  return {
    ok: true,
    findings: [...findings.values()],
    notes: dropped ? [{ message: 'Falco could not keep up: some events were not examined' }] : [],
    examined: {
      count: seen.reduce((most, one) => Math.max(most, one), 0),
      unit: 'requests',
      evidence: `falco.num_evts in the alerts of ${METRICS}`,
    },
  };
}

/** Once for each rule and program. Never `output`: it quotes command lines, which may hold secrets. */
function toFinding({ rule, priority, output_fields: fields }: z.infer<typeof alert>): ParsedFinding {
  const where = [
    fields?.['proc.name'],
    fields?.['container.name'] || fields?.['container.image.repository'],
    [fields?.['k8s.ns.name'], fields?.['k8s.pod.name']].filter((part) => part).join('/'),
  ].filter((part) => part);
  return {
    kind: 'other',
    rule: { id: oneLine(rule) },
    message: oneLine(`${rule}${where.length === 0 ? '' : ` (${where.join(', ')})`}`),
    toolLevel: priority,
  };
}

const KEPT = [
  'proc.name',
  'container.name',
  'container.image.repository',
  'k8s.ns.name',
  'k8s.pod.name',
  'falco.num_evts',
];

export const report: StageReport<Options> = {
  parse: (raw) => readFalco(raw.report),
  sanitize: (_, text) => sanitizeFalco(text),
};

/** Only what is read: names of rules, programs and pods. */
function sanitizeFalco(report: string): string {
  return rewriteLines(report, (item) => {
    if (!isRecord(item)) return item;
    const fields = isRecord(item.output_fields) ? item.output_fields : {};
    const kept = Object.fromEntries(Object.entries(fields).filter(([key]) => KEPT.includes(key)));
    return { rule: item.rule, priority: item.priority, output_fields: kept };
  });
}
