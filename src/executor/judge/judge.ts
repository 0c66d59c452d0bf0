import type { Failure } from '../../core/failure.ts';
import type { ParsedFinding } from '../../core/finding.ts';
import type { Result } from '../../core/result.ts';
import type { UnexaminedFile } from '../../core/unexamined.ts';
import { signalOfExit } from '../../io/exit-signal.ts';
import type { PlannedProvider, ToolStage } from '../../planner/ir/ir.ts';
import type { OutputSpec } from '../../stages/contract/output.ts';
import type {
  Examined,
  Note,
  ParseContext,
  ParseOutcome,
  RawOutputs,
  StageReport,
} from '../../stages/contract/report.ts';
import { sourcePath } from '../../stages/contract/source-path.ts';
import type { Execution, StepReport } from '../ports.ts';
import { unexaminedFiles } from './unexamined-files.ts';

/** The largest output that is read at all; bytes. */
export const OUTPUT_LIMIT_BYTES = 256 * 2 ** 20;

/** Of all findings and notes of a stage together, and of one text in a report; characters. A report of 100,000 findings has some 20 million. */
export const TEXT_LIMIT = 64 * 2 ** 20;

/** What was found where an output should be. */
export type OutputContent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent'; readonly detail?: string }
  | { readonly kind: 'too-large'; readonly limitBytes: number }
  | { readonly kind: 'not-utf8' }
  /** It could not be cleaned within so much memory. */
  | { readonly kind: 'too-complex'; readonly limitBytes: number };

/** All that a run of a tool left to judge it by. */
export interface Evidence {
  readonly execution: Execution;
  /** By output name; one that is not named here counts as absent. */
  readonly outputs: Readonly<Record<string, OutputContent>>;
  /** By `<step>.stdout` and `<step>.stderr`, outputs taken from a stream included. */
  readonly logs: Readonly<Record<string, string>>;
  /** The files that the tool was given, relative to the workspace. */
  readonly given: readonly string[];
}

/** What the parser said, with every file that was given and not checked; or why that is not believed. */
export type Judgement = Result<
  {
    readonly findings: readonly ParsedFinding[];
    readonly examined: Omit<Examined, 'files'>;
    readonly notes: readonly Note[];
    readonly unexamined: readonly UnexaminedFile[];
  },
  { readonly failure: Failure }
>;

type Judged = Pick<ToolStage, 'outputSpecs' | 'faults' | 'options' | 'selection' | 'target'>;
type Provided = Pick<PlannedProvider, 'steps'>;

/**
 * Decides whether a tool really ran and what it found. Pure, never throws. Only what is proven counts as done:
 * whatever is missing, contradictory or not understood is a failure, and so never a pass.
 */
export function judge(
  stage: Judged,
  provider: Provided,
  report: Pick<StageReport<unknown>, 'parse'>,
  evidence: Evidence,
): Judgement {
  const failure =
    executionFailure(provider, evidence) ?? faultText(stage, evidence) ?? outputFailure(stage, evidence);
  if (failure !== undefined) return { ok: false, failure };
  if (!evidence.execution.ok) return { ok: false, failure: evidence.execution.failure };
  const context = contextOf(stage, provider, evidence, evidence.execution.sourceRoot);
  const parsed = parseSafely(stage, report, evidence, context);
  if (!parsed.ok) return parsed;
  if (hasMoreText(parsed, TEXT_LIMIT)) {
    return { ok: false, failure: tooMuchText(stage.outputSpecs[0]?.name ?? 'report') };
  }
  // What is looked at without files, a server for example, is one thing that must have been looked at.
  const hasFiles = stage.selection.include.length > 0;
  const doubt =
    contradiction(provider, evidence.execution.steps, parsed) ??
    blindness(parsed.examined, hasFiles ? evidence.given.length : 1);
  if (doubt !== undefined) return { ok: false, failure: doubt };
  const { files: _read, ...examined } = parsed.examined;
  const unexamined = unexaminedFiles(evidence.given, parsed);
  return { ok: true, findings: parsed.findings, examined, notes: parsed.notes, unexamined };
}

function executionFailure(provider: Provided, { execution, logs }: Evidence): Failure | undefined {
  if (!execution.ok) return execution.failure;
  if (provider.steps.length === 0) return { reason: 'spawn-failed', detail: 'the stage has no steps' };
  for (const [index, step] of provider.steps.entries()) {
    const report = execution.steps[index];
    if (report === undefined || report.step !== step.id) {
      return { reason: 'spawn-failed', detail: `step ${step.id} did not run` };
    }
    if (Object.hasOwn(step.exits, String(report.exitCode))) continue;
    const signal = signalOfExit(report.exitCode);
    if (signal !== undefined) return { reason: 'signal', step: step.id, signal };
    const stderrTail = tail(logs[`${step.id}.stderr`] || logs[`${step.id}.stdout`] || '');
    return { reason: 'exit-code', step: step.id, exitCode: report.exitCode, stderrTail };
  }
  return undefined;
}

function tail(text: string): string {
  return text.trimEnd().slice(-2000);
}

function faultText(stage: Judged, { logs }: Evidence): Failure | undefined {
  for (const fault of stage.faults) {
    let pattern: RegExp;
    try {
      pattern = new RegExp(fault.pattern, 'u');
    } catch {
      return { reason: 'error-text', text: `its fault pattern is invalid: ${fault.pattern}` };
    }
    for (const [name, log] of Object.entries(logs)) {
      if (!name.endsWith(`.${fault.in}`)) continue;
      for (const line of lines(log)) {
        if (pattern.test(line))
          return { reason: 'error-text', text: `${fault.meaning}: ${line.trim().slice(0, 300)}` };
      }
    }
  }
  return undefined;
}

/** One at a time: a log of 64 MiB is not copied whole. */
function* lines(text: string): Generator<string> {
  let from = 0;
  while (from < text.length) {
    const end = text.indexOf('\n', from);
    const to = end < 0 ? text.length : end;
    // A pattern is tried on the head of a line only: backtracking stays bounded on hostile output.
    yield text.slice(from, Math.min(to, from + 10_000));
    from = to + 1;
  }
}

function outputFailure(stage: Judged, { outputs }: Evidence): Failure | undefined {
  for (const spec of stage.outputSpecs) {
    const content = contentOf(outputs, spec);
    const failure = outputProblem(spec, content);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function contentOf(outputs: Evidence['outputs'], spec: OutputSpec): OutputContent {
  return Object.hasOwn(outputs, spec.name) ? (outputs[spec.name] ?? { kind: 'absent' }) : { kind: 'absent' };
}

function outputProblem(spec: OutputSpec, content: OutputContent): Failure | undefined {
  const output = spec.name;
  switch (content.kind) {
    case 'absent':
      if (content.detail !== undefined) return { reason: 'report-malformed', output, detail: content.detail };
      return spec.required === false ? undefined : { reason: 'report-missing', output };
    case 'too-large':
      return { reason: 'output-too-large', output, limitBytes: content.limitBytes };
    case 'too-complex':
      return { reason: 'report-limit', output, limit: { kind: 'memory', bytes: content.limitBytes } };
    case 'not-utf8':
      return { reason: 'report-malformed', output, detail: 'not UTF-8' };
    case 'text':
      if (hasEndlessText(content.text)) return tooMuchText(output);
      if (content.text.trim() !== '' || spec.mayBeEmpty === true || spec.required === false) return undefined;
      return { reason: 'report-empty', output };
  }
}

function contextOf(stage: Judged, provider: Provided, evidence: Evidence, sourceRoot: string): ParseContext {
  return {
    options: stage.options,
    target: { ...stage.target, details: stage.target.details ?? {} },
    relative: exactPath(evidence.given, sourceRoot),
    filesGiven: evidence.given.length,
    given: evidence.given,
    log: { stdout: logOf(provider, evidence, 'stdout'), stderr: logOf(provider, evidence, 'stderr') },
  };
}

/** A name that stands in a report as it is wins over what it decodes to, where the tool was given such a file. */
function exactPath(given: readonly string[], sourceRoot: string): ParseContext['relative'] {
  const files = new Set(given);
  return (path, as) => {
    const plain = (as?.written ?? []).map((text) =>
      sourcePath(sourceRoot, text.replace(/^file:\/\/[^/]*(?=\/)/i, '')),
    );
    return plain.find((name) => name !== undefined && files.has(name)) ?? sourcePath(sourceRoot, path);
  };
}

function parseSafely(
  stage: Judged,
  report: Pick<StageReport<unknown>, 'parse'>,
  evidence: Evidence,
  context: ParseContext,
): ParseOutcome {
  const raw: Record<string, string | undefined> = {};
  for (const spec of stage.outputSpecs) {
    const content = contentOf(evidence.outputs, spec);
    if (content.kind === 'text') raw[spec.name] = content.text;
  }
  const output = stage.outputSpecs[0]?.name ?? 'report';
  try {
    const outcome = report.parse(raw satisfies RawOutputs, context);
    return isParseOutcome(outcome)
      ? outcome
      : {
          ok: false,
          failure: { reason: 'report-malformed', output, detail: 'the parser returned no result' },
        };
  } catch (error) {
    // A parser that throws is a bug of ours; to the user it is a report that was not understood.
    return {
      ok: false,
      failure: {
        reason: 'report-malformed',
        output,
        detail: `the parser failed on it: ${String(error).slice(0, 300)}`,
      },
    };
  }
}

/** What each step printed, but for what is an output and so in `raw`. */
function logOf(provider: Provided, evidence: Evidence, stream: 'stdout' | 'stderr'): string {
  return provider.steps
    .filter((step) => step[stream] === undefined)
    .map((step) => evidence.logs[`${step.id}.${stream}`] ?? '')
    .join('');
}

function isParseOutcome(outcome: ParseOutcome | undefined): outcome is ParseOutcome {
  if (outcome === undefined || outcome === null) return false;
  return outcome.ok
    ? Array.isArray(outcome.findings) && outcome.examined !== undefined
    : outcome.failure !== undefined;
}

/** An exit code that speaks of findings must agree with the report, each way. */
function contradiction(
  provider: Provided,
  steps: readonly StepReport[],
  parsed: { readonly findings: readonly unknown[] },
): Failure | undefined {
  const findings = parsed.findings.length;
  for (const [index, step] of provider.steps.entries()) {
    const exitCode = steps[index]?.exitCode ?? 0;
    const meaning = step.exits[String(exitCode)];
    if ((meaning === 'clean' && findings > 0) || (meaning === 'findings' && findings === 0)) {
      return { reason: 'exit-contradicts-report', exitCode, findings };
    }
  }
  return undefined;
}

function blindness(examined: Examined, given: number): Failure | undefined {
  // Written so that NaN fails too.
  if (given === 0 || examined.count > 0) return undefined;
  return { reason: 'nothing-examined', given, detail: examined.evidence };
}

/** Counts a text as often as it is referred to: so often will it be written. */
function hasMoreText(
  { findings, notes }: { readonly findings: unknown; readonly notes: unknown },
  limit: number,
): boolean {
  let left = limit;
  const waiting: unknown[] = [findings, notes];
  while (waiting.length > 0 && left >= 0) {
    const value = waiting.pop();
    if (typeof value === 'string') left -= value.length;
    else if (typeof value === 'object' && value !== null) {
      for (const part of Object.values(value)) waiting.push(part);
    }
  }
  return left < 0;
}

/** Whether so much of it holds nothing that ends a text in JSON, in XML or in a log: no tool has a message of that length. */
function hasEndlessText(text: string): boolean {
  for (let at = 0; text.length - at > TEXT_LIMIT; ) {
    const part = text.slice(at, at + TEXT_LIMIT);
    const end = ['"', '\n', '<'].map((mark) => part.lastIndexOf(mark)).find((found) => found >= 0);
    if (end === undefined) return true;
    at += end + 1;
  }
  return false;
}

function tooMuchText(output: string): Failure {
  return { reason: 'report-limit', output, limit: { kind: 'text', characters: TEXT_LIMIT } };
}
