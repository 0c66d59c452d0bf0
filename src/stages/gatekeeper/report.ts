import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { ParseOutcome, StageReport } from '../contract/report.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { oneLine } from '../formats/one-line.ts';
import { inOneOrder, rewriteJson } from '../formats/sanitize.ts';
import type { Options } from './stage.ts';
import { variants } from './variants.ts';

const metadata = z.object({ name: z.string().nullish(), namespace: z.string().nullish() });

const violation = z.object({
  msg: z.string(),
  constraint: z.object({ kind: z.string(), metadata }),
  enforcementAction: z.string().nullish(),
  violatingObject: z.object({
    apiVersion: z.string(),
    kind: z.string(),
    metadata: metadata.nullish(),
  }),
});

/** `null` where nothing is violated; then our canary was not seen, either. */
const reportSchema = z.array(violation).min(1);

/** The constraint of src/stages/gatekeeper/assets/canary that every object violates. */
const SEEN = 'SecplanSeen';

export const report: StageReport<Options> = {
  variants,
  parse: (raw) => readGator(raw.report),
  sanitize: (_, text) => sanitizeGator(text),
};

/** The JSON of `gator test`. The canary's violations are counted and are no findings. */
function readGator(text: string | undefined): ParseOutcome {
  const read = readJsonReport('report', text, reportSchema);
  if (!read.ok) return read;
  const isCanary = ({ constraint }: z.infer<typeof violation>): boolean => constraint.kind === SEEN;
  return {
    ok: true,
    findings: read.value.filter((item) => !isCanary(item)).map(toFinding),
    notes: [],
    examined: {
      count: read.value.filter((item) => isCanary(item) && !isPolicy(item)).length,
      unit: 'resources',
      evidence: `violations of ${SEEN}, which every object violates`,
    },
  };
}

/** Templates and constraints, ours among them, are objects to gator, too. */
function isPolicy({ violatingObject }: z.infer<typeof violation>): boolean {
  return /^(templates|constraints)\.gatekeeper\.sh\//.test(violatingObject.apiVersion);
}

function toFinding({
  msg,
  constraint,
  enforcementAction,
  violatingObject,
}: z.infer<typeof violation>): ParsedFinding {
  const { kind, metadata: at } = violatingObject;
  const named = [at?.namespace, at?.name].filter((part) => part).join('/');
  return {
    kind: 'misconfiguration',
    rule: { id: oneLine(constraint.metadata.name || constraint.kind), name: oneLine(constraint.kind) },
    message: oneLine(`${kind} ${named}: ${msg}`),
    toolLevel: enforcementAction || 'deny',
  };
}

/** Without the objects themselves (a Secret is one) and what the constraints ask. */
function sanitizeGator(text: string): string {
  return rewriteJson(text, (json) => {
    if (!Array.isArray(json)) return json;
    const bare = json.map((item: unknown) => {
      if (!isRecord(item)) return item;
      const {
        trace: _trace,
        metadata: _details,
        target: _target,
        constraint,
        violatingObject,
        ...rest
      } = item;
      return { ...rest, constraint: named(constraint), violatingObject: named(violatingObject) };
    });
    return inOneOrder(bare);
  });
}

/** Its kind, name and namespace. */
function named(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { name, namespace } = isRecord(value.metadata) ? value.metadata : {};
  return { apiVersion: value.apiVersion, kind: value.kind, metadata: { name, namespace } };
}
