import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { ParseOutcome, StageReport } from '../contract/report.ts';
import { readJsonLines } from '../formats/jsonl-report.ts';
import { oneLine } from '../formats/one-line.ts';
import { rewriteLines } from '../formats/sanitize.ts';
import type { Options } from './stage.ts';

const text = z.string().nullish();

const old = z.object({
  eventName: z.string(),
  processName: text,
  container: z.object({ name: text }).nullish(),
  kubernetes: z.object({ podName: text, podNamespace: text }).nullish(),
  metadata: z
    .object({
      Description: text,
      Properties: z.object({ Severity: z.number().nullish(), signatureID: text, signatureName: text }),
    })
    .nullish(),
});

/** As versions after 0.24 write it. */
const next = z
  .object({
    name: z.string(),
    workload: z
      .object({
        process: z.object({ thread: z.object({ name: text }).nullish() }).nullish(),
        container: z.object({ name: text }).nullish(),
        k8s: z
          .object({ pod: z.object({ name: text }).nullish(), namespace: z.object({ name: text }).nullish() })
          .nullish(),
      })
      .nullish(),
    threat: z
      .object({
        name: text,
        description: text,
        severity: z.union([z.string(), z.number()]).nullish(),
        properties: z.object({ id: text, signatureID: text }).nullish(),
      })
      .nullish(),
  })
  .transform(
    ({ name, workload, threat }): z.infer<typeof old> => ({
      eventName: name,
      processName: workload?.process?.thread?.name,
      container: workload?.container,
      kubernetes: {
        podName: workload?.k8s?.pod?.name,
        podNamespace: workload?.k8s?.namespace?.name,
      },
      metadata: threat && {
        Description: threat.description,
        Properties: {
          // An absent one is the first of its scale, 0: so its JSON leaves it out.
          Severity: levelOf(threat.severity ?? 0),
          signatureID: threat.properties?.id || threat.properties?.signatureID,
          signatureName: threat.name,
        },
      },
    }),
  );

/** An account of a signature under an unknown name would be lost. */
const event = z
  .unknown()
  .refine(
    (item) => !isRecord(item) || unknownSignature(item) === undefined,
    'a signature under an unknown name',
  )
  .pipe(z.union([old, next]));

const SCALE = ['INFO', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'];

function levelOf(severity: string | number): number | undefined {
  if (typeof severity === 'number') return severity;
  const at = SCALE.indexOf(severity.toUpperCase());
  return at === -1 ? undefined : at;
}

/** What it says of itself, whether or not it sees anything. */
const OWN: ReadonlySet<string> = new Set(['init_namespaces', 'existing_container', 'tracee_info']);

export const report: StageReport<Options> = {
  parse: (raw) => readTracee(raw.report),
  sanitize: (_, text) => sanitizeTracee(text),
};

/** Tracee's events, one a line: those with a signature's properties are findings, the others prove that it looked. */
function readTracee(report: string | undefined): ParseOutcome {
  const read = readJsonLines('report', report, event);
  if (!read.ok) return read;
  const findings = new Map<string, ParsedFinding>();
  for (const item of read.value) {
    if (!item.metadata?.Properties) continue;
    const found = toFinding(item);
    findings.set(JSON.stringify(found), found);
  }
  return {
    ok: true,
    findings: [...findings.values()],
    notes: [],
    examined: {
      count: read.value.filter(({ eventName }) => !OWN.has(eventName)).length,
      unit: 'requests',
      evidence: 'events in the output, without the start-up events of Tracee',
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
}: z.infer<typeof old>): ParsedFinding {
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
function sanitizeTracee(report: string): string {
  return rewriteLines(report, (item) => {
    if (!isRecord(item)) return item;
    const unknown = unknownSignature(item);
    // Kept as far as it takes to refuse it.
    const kept = unknown === undefined ? {} : { [unknown]: { Properties: {} } };
    if (item.eventName === undefined) return { ...bareNext(item), ...kept };
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
        : isRecord(metadata)
          ? { metadata: { Description } }
          : {}),
      ...kept,
    };
  });
}

/** Name of a member that looks like what a signature says, and is not one of those that are read. */
function unknownSignature(item: Readonly<Record<string, unknown>>): string | undefined {
  return Object.keys(item).find((key) => {
    const value = item[key];
    if (key === 'metadata' || key === 'threat' || !isRecord(value)) return false;
    return isRecord(value.Properties) || (value.severity !== undefined && isRecord(value.properties));
  });
}

function bareNext({ name, workload, threat }: Record<string, unknown>): object {
  const { process, container, k8s } = isRecord(workload) ? workload : {};
  const { thread } = isRecord(process) ? process : {};
  const { pod, namespace } = isRecord(k8s) ? k8s : {};
  const named = (value: unknown) => (isRecord(value) ? { name: value.name } : undefined);
  const { id, signatureID } = isRecord(threat) && isRecord(threat.properties) ? threat.properties : {};
  return {
    name,
    workload: {
      process: { thread: named(thread) },
      container: named(container),
      k8s: { pod: named(pod), namespace: named(namespace) },
    },
    ...(isRecord(threat)
      ? {
          threat: {
            name: threat.name,
            description: threat.description,
            severity: threat.severity,
            properties: { id, signatureID },
          },
        }
      : {}),
  };
}
