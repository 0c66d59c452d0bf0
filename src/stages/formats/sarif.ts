import type { FindingKind, ParsedFinding, Rule } from '../../core/finding.ts';
import { isRecord } from '../../core/is-record.ts';
import { type Severity, severityOfCvss } from '../../core/severity.ts';
import type { Note } from '../contract/report.ts';
import { readJsonReport } from './json-report.ts';
import { locationOf } from './location.ts';
import { oneLine } from './one-line.ts';
import type { Reading } from './reading.ts';
import { type SarifResult, type SarifRule, type SarifRun, sarifLog } from './sarif-schema.ts';

export interface SarifOptions {
  /** Name of the output, for failures. */
  readonly output: string;
  /** Names that `tool.driver.name` may have; another tool's report is another schema. Empty: any (custom stages). */
  readonly drivers: readonly string[];
  readonly kind: FindingKind | ((rule: SarifRule | undefined, result: SarifResult) => FindingKind);
  relative(path: string): string | undefined;
}

export interface SarifReading {
  readonly findings: readonly ParsedFinding[];
  readonly notes: readonly Note[];
  /** Distinct paths in `run.artifacts`. */
  readonly artifacts: number;
  readonly driver: string;
  readonly version: string | undefined;
  /** Rules that the report lists. */
  readonly rules: number;
  readonly runs: readonly SarifRun[];
}

/** The one reader of SARIF 2.1.0. Suppressed results, ones that are no failures (`kind`) and ones that are gone (`baselineState`) are left out. */
export function readSarif(text: string | undefined, options: SarifOptions): Reading<SarifReading> {
  const log = readJsonReport(options.output, text, sarifLog);
  if (!log.ok) return log;
  const { output } = options;
  const schemaFailure = (detail: string): Reading<SarifReading> => ({
    ok: false,
    failure: { reason: 'report-schema', output, detail },
  });
  const findings: ParsedFinding[] = [];
  const notes: Note[] = [];
  const artifacts = new Set<string>();
  let rules = 0;
  const first = log.value.runs[0];
  if (first === undefined) return schemaFailure('it contains no run');
  for (const run of log.value.runs) {
    const { driver } = run.tool;
    if (
      options.drivers.length > 0 &&
      !options.drivers.some((name) => name.toLowerCase() === driver.name.toLowerCase())
    ) {
      return schemaFailure(
        `written by ${JSON.stringify(driver.name.slice(0, 60))}, not by ${options.drivers.join(' or ')}`,
      );
    }
    if (run.results === null || run.results === undefined)
      return schemaFailure('a run without results: the tool did not finish');
    const unsuccessful = run.invocations?.find((invocation) => invocation.executionSuccessful === false);
    notes.push(...notificationNotes(run, options));
    if (unsuccessful !== undefined) {
      const said = notes.at(-1)?.message ?? 'no reason given';
      return { ok: false, failure: { reason: 'error-text', text: `executionSuccessful is false: ${said}` } };
    }
    for (const artifact of run.artifacts ?? [])
      if (artifact.location?.uri) artifacts.add(artifact.location.uri);
    rules += driver.rules?.length ?? 0;
    for (const result of run.results) {
      if (isSuppressed(result) || result.baselineState === 'absent') continue;
      if (result.kind !== undefined && result.kind !== 'fail') continue;
      findings.push(toFinding(run, result, options));
    }
  }
  const { driver } = first.tool;
  return {
    ok: true,
    value: {
      findings,
      notes,
      artifacts: artifacts.size,
      driver: driver.name,
      version: driver.semanticVersion ?? driver.version,
      rules,
      runs: log.value.runs,
    },
  };
}

/** SARIF 2.1.0, 3.27.23: not where a suppression was rejected or is still under review. */
function isSuppressed({ suppressions }: SarifResult): boolean {
  return (
    (suppressions?.length ?? 0) > 0 &&
    (suppressions ?? []).every((item) => {
      const status = isRecord(item) ? item.status : undefined;
      return status !== 'rejected' && status !== 'underReview';
    })
  );
}

function toFinding(run: SarifRun, result: SarifResult, options: SarifOptions): ParsedFinding {
  const rule = ruleOf(run, result);
  const id = result.ruleId ?? result.rule?.id ?? rule?.id ?? 'unknown';
  const cwe = cweOf(rule, result);
  const url = rule?.helpUri;
  const name = rule?.name ?? rule?.shortDescription?.text;
  const described: Rule = {
    id,
    ...(name ? { name: oneLine(name) } : {}),
    ...(url ? { url } : {}),
    ...(cwe.length > 0 ? { cwe } : {}),
  };
  const severity = cvssOf(result.properties) ?? cvssOf(rule?.properties);
  return {
    kind: typeof options.kind === 'function' ? options.kind(rule, result) : options.kind,
    rule: described,
    message: messageOf(rule, result),
    ...(severity === undefined ? {} : { severity }),
    toolLevel: result.level ?? rule?.defaultConfiguration?.level ?? 'warning',
    ...placeOf(run, result, options),
  };
}

function ruleOf(run: SarifRun, result: SarifResult): SarifRule | undefined {
  const component = result.rule?.toolComponent?.index;
  const rules = (component === undefined ? run.tool.driver : run.tool.extensions?.[component])?.rules ?? [];
  const index = result.ruleIndex ?? result.rule?.index;
  if (index !== undefined && index >= 0 && rules[index] !== undefined) return rules[index];
  const id = result.ruleId ?? result.rule?.id;
  return id === undefined ? undefined : rules.find((rule) => rule.id === id);
}

function messageOf(rule: SarifRule | undefined, result: SarifResult): string {
  const { text, id } = result.message;
  const template = text ?? (id === undefined ? undefined : rule?.messageStrings?.[id]?.text);
  return oneLine(
    template ?? rule?.shortDescription?.text ?? rule?.fullDescription?.text ?? rule?.name ?? 'no message',
  );
}

/** GitHub's convention, followed by most scanners: a CVSS score as text in `security-severity`. */
function cvssOf(properties: Readonly<Record<string, unknown>> | undefined): Severity | undefined {
  const raw = properties?.['security-severity'];
  const score = typeof raw === 'string' ? Number.parseFloat(raw) : typeof raw === 'number' ? raw : Number.NaN;
  return Number.isFinite(score) ? severityOfCvss(score) : undefined;
}

function cweOf(rule: SarifRule | undefined, result: SarifResult): string[] {
  const raw = [
    rule?.properties?.tags,
    rule?.properties?.cwe,
    result.properties?.cwe,
    rule?.properties?.['problem.cwe'],
  ].flat();
  const found = new Set<string>();
  for (const item of raw) {
    if (typeof item !== 'string') continue;
    for (const match of item.matchAll(/cwe-0*(\d{1,5})/gi)) found.add(`CWE-${match[1]}`);
  }
  return [...found].sort();
}

function placeOf(run: SarifRun, result: SarifResult, options: SarifOptions): Pick<ParsedFinding, 'span'> {
  const location = result.locations?.[0]?.physicalLocation;
  const artifact = location?.artifactLocation;
  const uri =
    artifact?.uri ??
    (artifact?.index === undefined ? undefined : run.artifacts?.[artifact.index]?.location?.uri);
  if (uri === undefined) return {};
  return locationOf(options.relative(resolveBase(run, uri, artifact?.uriBaseId)), location?.region);
}

function resolveBase(run: SarifRun, uri: string, baseId: string | undefined): string {
  const decoded = decode(uri);
  const base = baseId === undefined ? undefined : run.originalUriBaseIds?.[baseId]?.uri;
  if (base === undefined || /^[a-z]+:|^\//i.test(decoded)) return decoded;
  return `${decode(base).replace(/\/$/, '')}/${decoded}`;
}

function decode(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}

function notificationNotes(run: SarifRun, options: SarifOptions): Note[] {
  return (run.invocations ?? []).flatMap((invocation) =>
    (invocation.toolExecutionNotifications ?? [])
      .filter((item) => item.level === 'error' || item.level === 'warning')
      .map((item) => {
        const uri = item.locations?.[0]?.physicalLocation?.artifactLocation?.uri;
        const path = uri === undefined ? undefined : options.relative(decode(uri));
        return {
          message: oneLine(item.message?.text ?? 'no message'),
          ...(path === undefined ? {} : { path }),
        };
      }),
  );
}
