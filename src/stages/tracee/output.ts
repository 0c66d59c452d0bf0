import { z } from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import type { ParseOutcome } from '../contract.ts';
import { readJsonLines } from '../jsonl-report.ts';
import { isRecord, rewriteLines } from '../sanitize.ts';
import { oneLine } from '../sarif.ts';

const text = z.string().nullish();
const event = z.object({
  eventName: z.string(),
  processName: text,
  container: z.object({ name: text }).nullish(),
  kubernetes: z.object({ podName: text, podNamespace: text }).nullish(),
  metadata: z
    .object({
      Description: text,
      Properties: z
        .object({ Severity: z.number().nullish(), signatureID: text, signatureName: text })
        .nullish(),
    })
    .nullish(),
});

/** What it says of itself, whether or not it sees anything. */
const OWN: ReadonlySet<string> = new Set(['init_namespaces', 'existing_container', 'tracee_info']);

/** Tracee's events, one a line: those with a signature's properties are findings, the others prove that it looked. */
export function readTracee(report: string | undefined): ParseOutcome {
  const read = readJsonLines('report', report, event);
  if (!read.ok) return read;
  const findings = new Map<string, ParsedFinding>();
  for (const item of read.items) {
    if (!item.metadata?.Properties) continue;
    const found = toFinding(item);
    findings.set(JSON.stringify(found), found);
  }
  return {
    ok: true,
    findings: [...findings.values()],
    notes: [],
    examined: {
      count: read.items.filter(({ eventName }) => !OWN.has(eventName)).length,
      unit: 'requests',
      evidence: 'events in the output but those that Tracee makes as it starts',
    },
  };
}

/** Once for each signature and program. Never the arguments: they may hold secrets. */
function toFinding({
  eventName,
  processName,
  container,
  kubernetes,
  metadata,
}: z.infer<typeof event>): ParsedFinding {
  const { signatureID: id, signatureName: name, Severity: severity } = metadata?.Properties ?? {};
  const pod = [kubernetes?.podNamespace, kubernetes?.podName].filter((part) => part).join('/');
  const where = [processName, container?.name, pod].filter((part) => part);
  return {
    kind: 'other',
    rule: { id: oneLine(id || eventName), name: oneLine(name || eventName) },
    message: oneLine(
      `${name || metadata?.Description || eventName}${where.length === 0 ? '' : ` (${where.join(', ')})`}`,
    ),
    toolLevel: String(severity ?? 2),
  };
}

/** Only what is read: no arguments, ids and times. */
export function sanitizeTracee(report: string): string {
  return rewriteLines(report, (item) => {
    if (!isRecord(item)) return item;
    const { eventName, processName, container, kubernetes, metadata } = item;
    const { podName, podNamespace } = isRecord(kubernetes) ? kubernetes : {};
    const { Description, Properties } = isRecord(metadata) ? metadata : {};
    const { Severity, signatureID, signatureName } = isRecord(Properties) ? Properties : {};
    return {
      eventName,
      processName,
      ...(isRecord(container) ? { container: { name: container.name } } : {}),
      kubernetes: { podName, podNamespace },
      ...(isRecord(Properties)
        ? { metadata: { Description, Properties: { Severity, signatureID, signatureName } } }
        : {}),
    };
  });
}
