import * as z from 'zod';
import type { ParsedFinding } from '../../../core/finding.ts';
import type { ParseContext, ParseOutcome } from '../../contract/report.ts';
import { readJsonReport } from '../../formats/json-report.ts';
import { withKnownLists } from '../../formats/known-lists.ts';
import { locationOf } from '../../formats/location.ts';
import { oneLine } from '../../formats/one-line.ts';
import { inOneOrder, rewriteJson } from '../../formats/sanitize.ts';
import { systemFolders, unparsedFiles } from './trivy-unread.ts';

/** Rules of src/stages/families/trivy/assets: one hit in every file that the secret scanner reads, one for each silencing comment. */
const SEEN = 'secplan-seen';
const SUPPRESSION = 'secplan-suppression';

const line = z.number().nullish();
const misconfiguration = z.object({
  ID: z.string(),
  Title: z.string().nullish(),
  Message: z.string().nullish(),
  Severity: z.string().nullish(),
  PrimaryURL: z.string().nullish(),
  Status: z.string().nullish(),
  CauseMetadata: z.object({ Resource: z.string().nullish(), StartLine: line, EndLine: line }).nullish(),
});
const secret = z.object({
  RuleID: z.string(),
  Title: z.string().nullish(),
  Severity: z.string().nullish(),
  StartLine: line,
  EndLine: line,
});
const license = z.object({
  Severity: z.string().nullish(),
  Category: z.string().nullish(),
  PkgName: z.string().nullish(),
  FilePath: z.string().nullish(),
  Name: z.string(),
  Link: z.string().nullish(),
});
const vulnerability = z.object({
  VulnerabilityID: z.string(),
  VendorIDs: z.array(z.string()).nullish(),
  PkgName: z.string(),
  PkgPath: z.string().nullish(),
  PkgIdentifier: z.object({ PURL: z.string().nullish() }).nullish(),
  InstalledVersion: z.string().nullish(),
  FixedVersion: z.string().nullish(),
  PrimaryURL: z.string().nullish(),
  Title: z.string().nullish(),
  Severity: z.string().nullish(),
  CweIDs: z.array(z.string()).nullish(),
});
/** One entry of `Results`. Trivy leaves empty lists out, here and in the report. */
export const result = withKnownLists(
  {
    Target: z.string(),
    Class: z.string().nullish(),
    Misconfigurations: z.array(misconfiguration).nullish(),
    Secrets: z.array(secret).nullish(),
    Licenses: z.array(license).nullish(),
    Vulnerabilities: z.array(vulnerability).nullish(),
  },
  ['CustomResources', 'ExperimentalModifiedFindings', 'ModifiedFindings', 'Packages'],
);
const report = withKnownLists(
  {
    SchemaVersion: z.literal(2),
    ArtifactType: z.string(),
    Trivy: z.object({ Version: z.string() }).nullish(),
    Results: z.array(result).nullish(),
    /** Ours, left by `sanitizeTrivy`: how many files had a canary. */
    SecplanSeen: z.number().int().nonnegative().optional(),
  },
  [],
);

type Result = z.infer<typeof result>;

/** Trivy's JSON report, schema version 2. The canary's hits are counted and are no findings. */
export function readTrivy(
  text: string | undefined,
  context: ParseContext,
  options: { readonly scanners: readonly string[] },
): ParseOutcome {
  const read = readJsonReport('report', text, report);
  if (!read.ok) return read;
  const results = read.value.Results ?? [];
  const wanted = new Set(options.scanners);
  const findings = findingsOf(results, context, wanted);
  const seen = read.value.SecplanSeen ?? seenFiles(results);
  const unparsed = unparsedFiles(context);
  // A file that no parser understood was still searched for secrets, if that was asked for.
  const failed = wanted.has('secret') ? 0 : new Set(unparsed.map(({ path }) => path)).size;
  const skipped = systemFolders(context.given);
  const unread = context.filesGiven - seen - skipped.length;
  return {
    ok: true,
    findings,
    notes: unread > 0 ? [{ message: unreadText(unread, context.filesGiven) }] : [],
    unexamined: [...unparsed, ...skipped],
    examined: {
      count: Math.max(0, seen - failed),
      unit: 'files',
      evidence: `rule ${SEEN} in Results[].Secrets`,
    },
  };
}

/** All that the results hold; of secrets and silencing comments only those of scanners that are `wanted`. */
export function findingsOf(
  results: readonly Result[],
  context: ParseContext,
  wanted: ReadonlySet<string> = new Set(['secret', 'misconfig']),
): ParsedFinding[] {
  return results.flatMap((item) => [
    ...(item.Misconfigurations ?? []).flatMap((found) => ofMisconfiguration(item, found, context)),
    ...(item.Secrets ?? []).flatMap((found) => ofSecret(item, found, context, wanted)),
    ...(item.Licenses ?? []).map((found) => ofLicense(item, found, context)),
    ...(item.Vulnerabilities ?? []).map((found) => ofVulnerability(item, found, context)),
  ]);
}

function seenFiles(results: readonly Result[]): number {
  return new Set(
    results.filter((item) => item.Secrets?.some(({ RuleID }) => RuleID === SEEN)).map(({ Target }) => Target),
  ).size;
}

function ofMisconfiguration(
  { Target }: Result,
  found: z.infer<typeof misconfiguration>,
  context: ParseContext,
): ParsedFinding[] {
  if (found.Status !== undefined && found.Status !== null && found.Status !== 'FAIL') return [];
  const cause = found.CauseMetadata;
  const text = withoutQuotes(found.Message || found.Title || found.ID);
  return [
    {
      kind: 'misconfiguration',
      rule: ruleOf(found.ID, found.Title, found.PrimaryURL),
      message: oneLine(cause?.Resource ? `${text} (${cause.Resource})` : text),
      ...levelOf(found.Severity),
      ...locationOf(context.relative(Target), { startLine: cause?.StartLine, endLine: cause?.EndLine }),
    },
  ];
}

function ofSecret(
  { Target }: Result,
  found: z.infer<typeof secret>,
  context: ParseContext,
  wanted: ReadonlySet<string>,
): ParsedFinding[] {
  if (found.RuleID === SEEN) return [];
  const place = locationOf(context.relative(Target), {
    startLine: found.StartLine,
    endLine: found.EndLine,
  });
  if (found.RuleID === SUPPRESSION) {
    if (!wanted.has('misconfig')) return [];
    const message =
      'A trivy:ignore or tfsec:ignore comment suppresses a check here; Trivy has no option to ignore it';
    const rule = { id: SUPPRESSION, name: 'A comment suppresses a check' };
    return [{ kind: 'misconfiguration', rule, message, ...levelOf(found.Severity), ...place }];
  }
  if (!wanted.has('secret')) return [];
  // Never `Match`: it stars the value out, but only as far as the rule saw it.
  const message = oneLine(found.Title ?? found.RuleID);
  return [
    {
      kind: 'secret',
      rule: ruleOf(found.RuleID, found.Title),
      message,
      ...levelOf(found.Severity),
      ...place,
    },
  ];
}

function ofLicense({ Target }: Result, found: z.infer<typeof license>, context: ParseContext): ParsedFinding {
  const category = found.Category || 'unknown';
  const what = found.PkgName ? `${found.PkgName} is under ${found.Name}` : `${found.Name} is the licence`;
  return {
    kind: 'license',
    rule: ruleOf(found.Name, undefined, found.Link),
    message: oneLine(`${what} (${category})`),
    toolLevel: `license-${category}`,
    ...locationOf(context.relative(found.FilePath || Target)),
    ...(found.PkgName ? { package: { name: found.PkgName } } : {}),
  };
}

function ofVulnerability(
  { Target }: Result,
  found: z.infer<typeof vulnerability>,
  context: ParseContext,
): ParsedFinding {
  const { InstalledVersion: version, FixedVersion: fixedVersion } = found;
  const purl = found.PkgIdentifier?.PURL;
  const cwe = [...new Set((found.CweIDs ?? []).filter((id) => /^CWE-\d+$/.test(id)))].sort();
  const named = version ? `${found.PkgName} ${version}` : found.PkgName;
  return {
    kind: 'vulnerability',
    rule: {
      ...ruleOf(found.VulnerabilityID, found.Title, found.PrimaryURL),
      ...(cwe.length > 0 ? { cwe } : {}),
    },
    message: oneLine(`${named}: ${found.Title || found.VulnerabilityID}`),
    ...levelOf(found.Severity),
    ...locationOf(context.relative(found.PkgPath || Target)),
    package: {
      name: found.PkgName,
      ...(version ? { version } : {}),
      ...(purl ? { purl } : {}),
      ...(fixedVersion ? { fixedVersion } : {}),
    },
    advisories: [...new Set([found.VulnerabilityID, ...(found.VendorIDs ?? [])])].sort(),
  };
}

function ruleOf(id: string, name?: string | null, url?: string | null): ParsedFinding['rule'] {
  return { id, ...(name ? { name: oneLine(name) } : {}), ...(url ? { url } : {}) };
}

function levelOf(severity: string | null | undefined): { readonly toolLevel: string } {
  return { toolLevel: severity || 'UNKNOWN' };
}

/** Some messages quote a whole line of the file: a command may hold a credential. */
function withoutQuotes(message: string): string {
  return message.replace(/: ['"`].{30,}$/s, ': (a line of the file)');
}

function unreadText(unread: number, given: number): string {
  return `${unread} of ${given} files were not read for secrets: Trivy skips binary, tiny and some lock files`;
}

/** Without source snippets, run ids and times; the canary's hits become a count. */
export function sanitizeTrivy(text: string): string {
  return rewriteJson(text, (json) => {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) return null;
    const { ReportID: _id, CreatedAt: _at, Results, ...rest } = json as Record<string, unknown>;
    const results = objects(Results);
    const parsed = z.array(result).safeParse(results);
    const seen = parsed.success && !('SecplanSeen' in rest) ? { SecplanSeen: seenFiles(parsed.data) } : {};
    const kept = results.map(withoutSnippets).filter((item) => item !== undefined);
    return { ...rest, ...seen, Results: kept };
  });
}

/** One of `Results` without what it quotes of the file; undefined when nothing is left of it. */
export function withoutSnippets(item: Record<string, unknown>): unknown {
  if (!Array.isArray(item.Secrets) && !Array.isArray(item.Misconfigurations)) return item;
  const { Secrets, Misconfigurations, ...rest } = item;
  const secrets = objects(Secrets)
    .filter(({ RuleID }) => RuleID !== SEEN)
    .map(({ Code: _code, Match: _match, ...secret }) => secret);
  const misconfigurations = objects(Misconfigurations).map(({ CauseMetadata, ...found }) => {
    const { Code: _code, ...cause } = (CauseMetadata ?? {}) as Record<string, unknown>;
    const message = typeof found.Message === 'string' ? { Message: withoutQuotes(found.Message) } : {};
    return { ...found, ...message, CauseMetadata: cause };
  });
  if (item.Class === 'secret' && secrets.length === 0) return undefined;
  // Two of one check in one file come in either order.
  return {
    ...rest,
    ...(misconfigurations.length > 0 ? { Misconfigurations: inOneOrder(misconfigurations) } : {}),
    ...(secrets.length > 0 ? { Secrets: inOneOrder(secrets) } : {}),
  };
}

function objects(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : [];
}
