import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { ParseContext, ParseOutcome, ReportVariant, StageReport } from '../contract/report.ts';
import { otherAccount } from '../families/cloud/cloud-account.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { readJsonLines } from '../formats/jsonl-report.ts';
import { oneLine } from '../formats/one-line.ts';
import { inOneOrder, rewriteJson } from '../formats/sanitize.ts';
import type { Options } from './stage.ts';
import { variants } from './variants.ts';

const item = z.object({
  metadata: z.object({ event_code: z.string(), product: z.object({ name: z.string() }) }),
  severity: z.string(),
  status: z.string().nullish(),
  status_code: z.string(),
  status_detail: z.string().nullish(),
  finding_info: z.object({ title: z.string() }),
  resources: z
    .array(z.object({ uid: z.string().nullish(), name: z.string().nullish(), region: z.string().nullish() }))
    .nullish(),
  cloud: z.object({ account: z.object({ uid: z.string().nullish() }).nullish() }).nullish(),
  unmapped: z.object({ related_url: z.string().nullish() }).nullish(),
});

/** An empty list is what is left where no check could be made. */
const reportSchema = z.array(item).min(1);

/** An entry a line, as some stores of logs give it back. */
const lines: ReportVariant = {
  name: 'OCSF as JSON lines',
  parse: (text, context) => {
    const read = readJsonLines('report', text, item);
    return read.ok ? readProwler(JSON.stringify(read.value), context) : read;
  },
};

export const report: StageReport<Options> = {
  variants: [lines, ...variants],
  parse: (raw, context) => readProwler(raw.report, context),
  sanitize: (_, text) => sanitizeProwler(text),
};

/** Prowler's OCSF: one detection finding for each check and resource, those that passed among them. */
function readProwler(text: string | undefined, context: ParseContext): ParseOutcome {
  const read = readJsonReport('report', text, reportSchema);
  if (!read.ok) return read;
  const failure = otherAccount(
    context.target,
    read.value.map(({ cloud }) => cloud?.account?.uid),
  );
  if (failure !== undefined) return { ok: false, failure };
  const manual = read.value.filter(({ status_code: code }) => code === 'MANUAL').length;
  const muted = read.value.filter(isMuted).length;
  return {
    ok: true,
    findings: read.value.filter((one) => one.status_code === 'FAIL' && !isMuted(one)).map(toFinding),
    notes: [
      ...(manual > 0 ? [{ message: `${manual} checks must be done by hand` }] : []),
      ...(muted > 0 ? [{ message: `${muted} findings are muted by a list of Prowler's` }] : []),
    ],
    examined: {
      count: read.value.filter(({ status_code: code }) => code === 'PASS' || code === 'FAIL').length,
      unit: 'resources',
      evidence: 'entries of the report that passed or failed, one for each check and resource',
    },
  };
}

function isMuted({ status, status_code: code }: z.infer<typeof item>): boolean {
  return status === 'Suppressed' || code === 'MUTED';
}

function toFinding(one: z.infer<typeof item>): ParsedFinding {
  const { metadata, severity, finding_info: info, status_detail: detail, unmapped } = one;
  const resource = one.resources?.[0];
  const where = [resource?.uid || resource?.name, resource?.region].filter((part) => part).join(', ');
  const url = unmapped?.related_url;
  return {
    kind: 'misconfiguration',
    rule: {
      id: oneLine(metadata.event_code),
      name: oneLine(info.title),
      ...(url?.startsWith('https://') ? { url } : {}),
    },
    message: oneLine(`${detail || info.title}${where === '' ? '' : ` (${where})`}`),
    toolLevel: severity,
  };
}

/** Only what is read: descriptions of resources may hold secrets; times change from run to run. */
function sanitizeProwler(text: string): string {
  return rewriteJson(text, (json) => (Array.isArray(json) ? inOneOrder(json.map(bare)) : json));
}

function bare(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { metadata, severity, status, status_code, status_detail, finding_info, resources, cloud, unmapped } =
    value;
  const { event_code, product } = isRecord(metadata) ? metadata : {};
  const { title } = isRecord(finding_info) ? finding_info : {};
  const { related_url } = isRecord(unmapped) ? unmapped : {};
  const account = isRecord(cloud) && isRecord(cloud.account) ? { uid: cloud.account.uid } : undefined;
  return {
    metadata: { event_code, product: isRecord(product) ? { name: product.name } : product },
    severity,
    status,
    status_code,
    status_detail,
    finding_info: { title },
    resources: Array.isArray(resources)
      ? resources.map((one: unknown) =>
          isRecord(one) ? { uid: one.uid, name: one.name, region: one.region } : one,
        )
      : resources,
    ...(account === undefined ? {} : { cloud: { account } }),
    unmapped: { related_url },
  };
}
