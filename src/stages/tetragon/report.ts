import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { ParseOutcome, StageReport } from '../contract/report.ts';
import { readJsonLines } from '../formats/jsonl-report.ts';
import { oneLine } from '../formats/one-line.ts';
import { rewriteLines } from '../formats/sanitize.ts';
import type { Options } from './stage.ts';

const KINDS = ['process_kprobe', 'process_tracepoint', 'process_uprobe', 'process_lsm'] as const;

const LIFE = [
  'process_exec',
  'process_exit',
  'process_connect',
  'process_loader',
  'process_throttle',
] as const;

const text = z.string().nullish();

const happened = z.object({
  process: z.object({ binary: text, pod: z.object({ namespace: text, name: text }).nullish() }).nullish(),
  function_name: text,
  action: text,
  policy_name: text,
});

const event = z
  .object(Object.fromEntries([...KINDS, ...LIFE].map((kind) => [kind, happened.optional()])))
  .refine((one) => Object.values(one).some((value) => value !== undefined), 'no known event');

export const report: StageReport<Options> = {
  parse: (raw) => readTetragon(raw.report),
  sanitize: (_, text) => sanitizeTetragon(text),
};

/** Tetragon's events, one a line: those of policies are findings, lives of processes prove that it looked. */
function readTetragon(report: string | undefined): ParseOutcome {
  const read = readJsonLines('report', report, event);
  if (!read.ok) return read;
  const findings = new Map<string, ParsedFinding>();
  for (const item of read.value) {
    for (const kind of KINDS) {
      const what = item[kind];
      if (what === undefined) continue;
      const found = toFinding(kind, what);
      findings.set(JSON.stringify(found), found);
    }
  }
  return {
    ok: true,
    findings: [...findings.values()],
    notes: [],
    examined: {
      count: read.value.filter((item) => item.process_throttle === undefined).length,
      unit: 'requests',
      evidence: 'events in the export, without its throttling notices',
    },
  };
}

/** Once for each policy and program. Never the arguments: they may hold secrets. */
function toFinding(kind: string, what: z.infer<typeof happened>): ParsedFinding {
  const rule = what.policy_name || what.function_name || kind;
  const { binary, pod } = what.process ?? {};
  const where = [binary, [pod?.namespace, pod?.name].filter((part) => part).join('/')].filter((part) => part);
  return {
    kind: 'other',
    rule: { id: oneLine(rule) },
    message: oneLine(
      `${what.function_name || kind} is called${where.length === 0 ? '' : ` (${where.join(', ')})`}`,
    ),
    toolLevel: (what.action || 'KPROBE_ACTION_POST').replace(/^[A-Z]+_ACTION_/, ''),
  };
}

/** Only what is read: no arguments, folders, ids and times. */
function sanitizeTetragon(report: string): string {
  return rewriteLines(report, (item) => {
    if (!isRecord(item)) return item;
    return Object.fromEntries(
      Object.entries(item)
        .filter(([key]) => key.startsWith('process_'))
        .map(([key, value]) => [key, bare(value)]),
    );
  });
}

function bare(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { process, function_name, action, policy_name } = value;
  const { binary, pod } = isRecord(process) ? process : {};
  const { namespace, name } = isRecord(pod) ? pod : {};
  return {
    process: { binary, ...(isRecord(pod) ? { pod: { namespace, name } } : {}) },
    function_name,
    action,
    policy_name,
  };
}
