import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { ParseOutcome, StageReport } from '../contract/report.ts';
import { readJsonLines } from '../formats/jsonl-report.ts';
import { oneLine } from '../formats/one-line.ts';
import { rewriteLines } from '../formats/sanitize.ts';
import type { Options } from './stage.ts';

const text = z.string().nullish();

const process = z.object({ comm: text });

/** An event of any gadget names the program, itself or in `proc`. */
const event = z
  .object({
    comm: text,
    proc: process.nullish(),
    exepath: text,
    upper_layer: z.boolean().nullish(),
    k8s: z.object({ namespace: text, podName: text, containerName: text }).nullish(),
    runtime: z.object({ containerName: text }).nullish(),
  })
  .refine(({ comm, proc }) => comm || proc?.comm, 'it names no program');

/** An event of trace_exec, the gadget of our own command, says of each program whether it came later. */
const execution = event.refine(({ upper_layer: later }) => typeof later === 'boolean', {
  path: ['upper_layer'],
  message: 'it does not say whether the program is of the image',
});

export const report: StageReport<Options> = {
  variants: [
    {
      name: 'events of other gadgets',
      parse: (text) =>
        readGadget(
          text,
          event.refine((item) => !item.exepath, 'events of trace_exec'),
        ),
    },
  ],
  parse: (raw) => readGadget(raw.report, execution),
  sanitize: (_, text) => sanitizeGadget(text),
};

/** Events of a gadget, one a line. A program from a container's own layer was not in its image: it came later. */
function readGadget(report: string | undefined, schema: typeof event): ParseOutcome {
  const read = readJsonLines('report', report, schema);
  if (!read.ok) return read;
  const findings = new Map<string, ParsedFinding>();
  for (const item of read.value) {
    if (item.upper_layer !== true) continue;
    const found = toFinding(item);
    findings.set(JSON.stringify(found), found);
  }
  return {
    ok: true,
    findings: [...findings.values()],
    notes: [],
    examined: {
      count: read.value.filter(({ comm, proc }) => (proc?.comm ?? comm) !== 'ig').length,
      unit: 'requests',
      evidence: 'events of the gadget, without its own',
    },
  };
}

function toFinding({ comm, proc, exepath, k8s, runtime }: z.infer<typeof event>): ParsedFinding {
  const pod = [k8s?.namespace, k8s?.podName].filter((part) => part).join('/');
  const where = [k8s?.containerName || runtime?.containerName, pod].filter((part) => part);
  const program = exepath || comm || proc?.comm || 'a program';
  return {
    kind: 'other',
    rule: { id: 'exec-upper-layer', name: 'A program runs that is not in the image' },
    message: oneLine(
      `${program} runs, which is not in the image${where.length === 0 ? '' : ` (${where.join(', ')})`}`,
    ),
    toolLevel: 'exec-upper-layer',
  };
}

/** Only what is read: no arguments, ids and times. */
function sanitizeGadget(report: string): string {
  return rewriteLines(report, (item) => {
    if (!isRecord(item)) return item;
    const { comm, proc, exepath, upper_layer, k8s, runtime } = item;
    const { namespace, podName, containerName } = isRecord(k8s) ? k8s : {};
    return {
      comm,
      ...(isRecord(proc) ? { proc: { comm: proc.comm } } : {}),
      exepath,
      upper_layer,
      k8s: { namespace, podName, containerName },
      ...(isRecord(runtime) ? { runtime: { containerName: runtime.containerName } } : {}),
    };
  });
}
