import type { FindingKind, ParsedFinding, Rule } from '../../core/finding.ts';
import type { Note } from '../contract/report.ts';
import { readJsonReport } from './json-report.ts';
import { oneLine } from './one-line.ts';
import type { Reading } from './reading.ts';
import { sarifText } from './sarif-message.ts';
import { readNotifications } from './sarif-notifications.ts';
import { notesOfOdd, type OddResult, type Outcome, outcomeOf } from './sarif-outcomes.ts';
import { artifactUri, placesOf } from './sarif-places.ts';
import { descriptorFinder, levelFinder, securitySeverity, weaknessesOf } from './sarif-rules.ts';
import { type SarifLog, type SarifResult, type SarifRule, type SarifRun, sarifLog } from './sarif-schema.ts';

export interface SarifOptions {
  /** Name of the output, for failures. */
  readonly output: string;
  /** Names that `tool.driver.name` may have; another tool's report is another schema. Empty: any (custom stages). */
  readonly drivers: readonly string[];
  readonly kind: FindingKind | ((rule: SarifRule | undefined, result: SarifResult) => FindingKind);
  /** The tool's own level of a result, where it has one beside SARIF's. */
  readonly ownLevel?: (result: SarifResult) => string | undefined;
  relative(path: string, as?: { readonly written: readonly string[] }): string | undefined;
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

/** Of one log: `notes` by their text, so that many runs say a thing once. */
interface Collected {
  readonly findings: ParsedFinding[];
  readonly notes: Map<string, Note>;
  readonly artifacts: Set<string>;
  rules: number;
}

/**
 * The one reader of SARIF 2.1.0; docs/reference/sarif.md says what of each section. A run that says that it failed,
 * or reports an error of the tool, is a failure. Results that passed or are gone (`baselineState`) are none;
 * suppressed ones are left out and said; what several runs say of one place counts once.
 */
export function readSarif(text: string | undefined, options: SarifOptions): Reading<SarifReading> {
  const log = readJsonReport(options.output, text, sarifLog);
  if (!log.ok) return log;
  const detail = shapeProblem(log.value, options.drivers);
  if (detail !== undefined)
    return { ok: false, failure: { reason: 'report-schema', output: options.output, detail } };
  const all: Collected = { findings: [], notes: new Map(), artifacts: new Set(), rules: 0 };
  const seen = new Map<string, number>();
  for (const run of log.value.runs) {
    const said = readNotifications(run, options.relative);
    if (said.failed !== undefined)
      return { ok: false, failure: { reason: 'error-text', text: oneLine(said.failed) } };
    for (const note of said.notes) addNote(all, note);
    collect(run, options, all, seen);
  }
  const driver = log.value.runs[0]?.tool.driver;
  return {
    ok: true,
    value: {
      findings: all.findings,
      notes: [...all.notes.values()],
      artifacts: all.artifacts.size,
      driver: driver?.name ?? '',
      version: driver?.semanticVersion ?? driver?.version ?? undefined,
      rules: all.rules,
      runs: log.value.runs,
    },
  };
}

/** Why a log cannot be believed to hold a tool's results; undefined where it does. */
function shapeProblem(log: SarifLog, drivers: readonly string[]): string | undefined {
  if (log.runs.length === 0) return 'it contains no run';
  const names = new Set(drivers.map((name) => name.toLowerCase()));
  for (const { tool, results, externalPropertyFileReferences: elsewhere } of log.runs) {
    const { name } = tool.driver;
    if (names.size > 0 && !names.has(name.toLowerCase()))
      return `written by ${JSON.stringify(name.slice(0, 60))}, not by ${drivers.join(' or ')}`;
    const parts = decisive(elsewhere);
    if (parts !== '') return `parts of a run stand in other files, which are not read: ${parts}`;
    if (!results) return 'a run without results: the tool did not finish';
  }
  const parts = (log.inlineExternalProperties ?? []).map(decisive).find((names) => names !== '');
  return parts === undefined ? undefined : `parts of a run stand apart, and are not read: ${parts}`;
}

/** Of what stands elsewhere (3.13.5, 3.15), the members without which nothing can be said: what was found, or how bad it is. */
function decisive(elsewhere: Readonly<Record<string, unknown>> | null | undefined): string {
  return ['results', 'invocations', 'driver', 'extensions']
    .filter((name) => elsewhere && Object.hasOwn(elsewhere, name))
    .join(', ');
}

function addNote({ notes }: Collected, note: Note): void {
  notes.set(JSON.stringify([note.path, note.message]), note);
}

function collect(run: SarifRun, options: SarifOptions, all: Collected, seen: Map<string, number>): void {
  for (const artifact of run.artifacts ?? []) {
    const uri = artifactUri(run, artifact.location);
    if (uri !== undefined) all.artifacts.add(uri);
  }
  for (const { rules } of [run.tool.driver, ...(run.tool.extensions ?? [])]) all.rules += rules?.length ?? 0;
  const toFinding = findingMaker(run, options);
  const odd: OddResult[] = [];
  const here = new Map<string, number>();
  for (const result of run.results ?? []) {
    const outcome = outcomeOf(result);
    if (outcome === 'none') continue;
    const finding = toFinding(result, outcome);
    if (outcome !== 'counts') odd.push({ outcome, result, finding });
    if (outcome === 'suppressed') continue;
    // A shared file's result stands in the run of each project: what one run says twice is two, what two runs say is one.
    const key = JSON.stringify(finding);
    const count = (here.get(key) ?? 0) + 1;
    here.set(key, count);
    if (count <= (seen.get(key) ?? 0)) continue;
    seen.set(key, count);
    all.findings.push(finding);
  }
  for (const note of notesOfOdd(odd)) addNote(all, note);
}

function findingMaker(run: SarifRun, options: SarifOptions) {
  const find = descriptorFinder(run, 'rules');
  const levelOf = levelFinder(run, find);
  return (result: SarifResult, outcome: Outcome): ParsedFinding => {
    const rule = find({
      id: result.ruleId ?? result.rule?.id,
      index: result.ruleIndex ?? result.rule?.index,
      guid: result.rule?.guid,
      toolComponent: result.rule?.toolComponent,
    });
    const scored = securitySeverity(result.properties) ?? securitySeverity(rule?.properties);
    // Level and severity of a result that is no failure say nothing (3.27.10): a person has to look, which is low.
    const severity = scored ?? (outcome === 'undecided' ? 'low' : undefined);
    const [span, ...alsoAt] = placesOf(run, result, options.relative);
    return {
      kind: typeof options.kind === 'function' ? options.kind(rule, result) : options.kind,
      rule: describe(run, rule, result),
      message: messageOf(run, rule, result, span === undefined),
      ...(severity === undefined ? {} : { severity }),
      toolLevel:
        outcome === 'undecided'
          ? (result.kind?.toLowerCase() ?? '')
          : (options.ownLevel?.(result) ?? levelOf(result, rule)),
      ...(span === undefined ? {} : { span }),
      ...(alsoAt.length === 0 ? {} : { alsoAt }),
    };
  };
}

function describe(run: SarifRun, rule: SarifRule | undefined, result: SarifResult): Rule {
  const cwe = weaknessesOf(run, rule, result);
  const name = rule?.name || rule?.shortDescription?.text;
  return {
    id: result.ruleId || result.rule?.id || rule?.id || 'unknown',
    ...(name ? { name: oneLine(name) } : {}),
    ...(rule?.helpUri ? { url: rule.helpUri } : {}),
    ...(cwe.length > 0 ? { cwe } : {}),
  };
}

/** Its text; of a result without a file, the function or resource that it names (3.33) as well. */
function messageOf(
  run: SarifRun,
  rule: SarifRule | undefined,
  result: SarifResult,
  placeless: boolean,
): string {
  const text =
    sarifText(result.message, rule?.messageStrings, run.tool.driver.globalMessageStrings) ??
    oneLine(rule?.shortDescription?.text || rule?.fullDescription?.text || rule?.name || 'no message');
  const [at] = (result.locations ?? []).flatMap(({ logicalLocations }) => logicalLocations ?? []);
  const named = placeless ? (at?.fullyQualifiedName ?? at?.name) : undefined;
  return named && !text.includes(named) ? oneLine(`${text} (${named})`) : text;
}
