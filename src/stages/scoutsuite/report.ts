import * as z from 'zod';
import type { ParsedFinding } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import type { ParseContext, ParseOutcome, StageReport } from '../contract/report.ts';
import { otherAccount } from '../families/cloud/cloud-account.ts';
import { readJsonReport } from '../formats/json-report.ts';
import { oneLine } from '../formats/one-line.ts';
import { rewriteJson } from '../formats/sanitize.ts';
import type { Options } from './stage.ts';

const count = z.number().int().nonnegative();

const rule = z.object({
  description: z.string(),
  level: z.string(),
  checked_items: count,
  flagged_items: count,
  items: z.array(z.string()).nullish(),
});

/** As pairs: the keys come with the report. */
const pairs = <T>(schema: z.ZodType<T>) =>
  z.preprocess(
    (value) => (isRecord(value) ? Object.entries(value) : value),
    z.array(z.tuple([z.string(), schema])),
  );

const reportSchema = z.object({
  account_id: z.string().nullish(),
  provider_code: z.string(),
  services: pairs(z.object({ findings: pairs(rule) })),
});

export const report: StageReport<Options> = {
  parse: (raw, context) => readScout(raw.report, context),
  sanitize: (_, text) => sanitizeScout(text),
};

/** Scout Suite's results: JSON that is assigned to a variable of a script. */
function readScout(text: string | undefined, context: ParseContext): ParseOutcome {
  const read = readJsonReport('report', text === undefined ? undefined : asJson(text), reportSchema);
  if (!read.ok) return read;
  const { account_id: account, services } = read.value;
  const failure = otherAccount(context.target, [account]);
  if (failure !== undefined) return { ok: false, failure };
  const rules = services.flatMap(([, { findings }]) => findings);
  return {
    ok: true,
    findings: rules.flatMap(([id, found]) => findingsOf(id, found)),
    notes: [],
    examined: {
      count: rules.reduce((sum, [, { checked_items: checked }]) => sum + checked, 0),
      unit: 'resources',
      evidence: 'sum of checked_items of all rules in the report',
    },
  };
}

/** One for each item. A rule that flags without naming is one finding: nothing is lost. */
function findingsOf(id: string, found: z.infer<typeof rule>): ParsedFinding[] {
  const made = (where: string): ParsedFinding => ({
    kind: 'misconfiguration',
    rule: { id: oneLine(id), name: oneLine(found.description) },
    message: oneLine(`${found.description}${where}`),
    toolLevel: found.level,
  });
  const items = found.items ?? [];
  if (items.length > 0) return items.map((item) => made(` (${item})`));
  return found.flagged_items > 0 ? [made(` (${found.flagged_items} items)`)] : [];
}

function asJson(text: string): string {
  return text.replace(/^\s*scoutsuite_results\s*=\s*/, '');
}

/** Only the rules and what they flag: the rest is the account's whole configuration. */
function sanitizeScout(text: string): string {
  return rewriteJson(asJson(text), (json) => {
    if (!isRecord(json)) return json;
    const { account_id, provider_code, services } = json;
    if (!isRecord(services)) return { account_id, provider_code };
    const kept = Object.entries(services).map(([name, service]) => [
      name,
      isRecord(service) && isRecord(service.findings) ? { findings: service.findings } : {},
    ]);
    return { account_id, provider_code, services: Object.fromEntries(kept) };
  });
}
