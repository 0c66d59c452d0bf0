import type { Failure } from '../../core/failure.ts';
import type { Finding } from '../../core/finding.ts';
import type { Result } from '../../core/result.ts';
import { noteOfReport, type RunNote } from '../../core/run-note.ts';
import type { UnexaminedFile } from '../../core/unexamined.ts';
import { createLineReader } from '../../io/line-reader.ts';
import type { ToolStage } from '../../planner/ir/ir.ts';
import type { CatalogueEntry } from '../../stages/contract/catalogue.ts';
import type { Examined, StageReport } from '../../stages/contract/report.ts';
import type { ParsedKey } from '../cache/parsed-cache.ts';
import { IDENTITY_VERSION, identify } from '../judge/identify.ts';
import { type Evidence, type Judgement, judge } from '../judge/judge.ts';
import { learnSecrets } from '../judge/learn-secrets.ts';
import type { ActionRecord, ReadyTool } from '../ports.ts';
import type { Collected } from './collect-outputs.ts';
import { LARGE_CHARACTERS } from './large-reports.ts';
import type { StageDeps } from './stage-deps.ts';
import type { StageInput } from './stage-input.ts';
import { withUnreadFiles } from './unread-files.ts';

interface JudgeRequest {
  readonly stage: ToolStage;
  readonly deps: StageDeps;
  readonly entry: CatalogueEntry;
  readonly input: StageInput;
  readonly tool: ReadyTool;
  readonly record: ActionRecord;
  /** Asked only when the judgement is not in the cache; undefined when it is not available. */
  read(): Promise<Collected | undefined>;
}

export interface Understood {
  readonly findings: readonly Finding[];
  readonly examined: Omit<Examined, 'files'>;
  readonly notes: readonly RunNote[];
  readonly unexamined: readonly UnexaminedFile[];
}

export type Judged = Result<Understood, { readonly failure: Failure }>;

/** Judges what a tool left and identifies its findings, or takes both from the cache. Secrets found are learned. */
export async function judgeStage(request: JudgeRequest): Promise<Judged> {
  const { stage, deps, entry, input, record } = request;
  let given: ReadonlySet<string> | undefined;
  const readLine = createLineReader(deps.inventory.root, {
    // Made when the first line is asked for: a cached stage without secrets asks for none.
    has(path) {
      given ??= new Set(input.files.map((file) => file.path));
      return given.has(path);
    },
  });
  const key = parsedKey(request);
  const known = understoodBefore(await deps.caches.parsed.get(key));
  if (known !== undefined) return finish(known);
  const collected = await request.read();
  if (collected === undefined) {
    return {
      ok: false,
      failure: { reason: 'report-missing', output: stage.outputSpecs[0]?.name ?? 'report' },
    };
  }
  const report = await entry.report();
  const execution = { ok: true, steps: record.steps, sourceRoot: record.sourceRoot } as const;
  const evidence = { execution, ...collected, given: input.files.map(({ path }) => path) };
  const judged = await judgeWherever(request, report, evidence);
  if (!judged.ok) return judged;
  const findings = identify(stage, entry.severities, judged.findings, readLine);
  const unexamined = await withUnreadFiles(judged.unexamined, report, {
    root: deps.inventory.root,
    given: evidence.given,
    options: stage.options,
  });
  const examined = lessUnread(judged.examined, unexamined.length - judged.unexamined.length);
  if (examined.count === 0 && evidence.given.length > 0) {
    const detail = examined.evidence;
    return { ok: false, failure: { reason: 'nothing-examined', given: evidence.given.length, detail } };
  }
  const understood = { findings, examined, notes: judged.notes.map(noteOfReport), unexamined };
  await deps.caches.parsed.put(key, understood);
  return finish(understood);

  async function finish(result: Understood): Promise<{ readonly ok: true } & Understood> {
    await learnSecrets(result.findings, readLine, deps.publishRedactor);
    return { ok: true, ...result };
  }
}

/** What was looked at counts, never what could have been. */
function lessUnread(examined: Omit<Examined, 'files'>, unread: number): Omit<Examined, 'files'> {
  return examined.unit === 'files' ? { ...examined, count: Math.max(0, examined.count - unread) } : examined;
}

/** In this process, or the other where what is to be read is large. The same is judged by the same function. */
async function judgeWherever(
  { stage, deps, tool }: JudgeRequest,
  report: StageReport<unknown>,
  evidence: Evidence,
): Promise<Judgement> {
  const { largeReports, signal } = deps;
  const { definition, outputSpecs, faults, options, selection, target } = stage;
  const { steps } = tool.provider;
  if (largeReports === undefined || charactersOf(evidence) < LARGE_CHARACTERS)
    return judge(stage, tool.provider, report, evidence);
  const judged = { outputSpecs, faults, options, selection, target };
  const asked = await largeReports.ask(
    { kind: 'judge', definition, stage: judged, provider: { steps }, evidence },
    signal,
  );
  if (asked.ok) return asked.reply;
  if (signal.aborted) return { ok: false, failure: { reason: 'interrupted' } };
  const limit = { kind: 'memory', bytes: largeReports.limitBytes } as const;
  return { ok: false, failure: { reason: 'report-limit', output: outputSpecs[0]?.name ?? 'report', limit } };
}

function charactersOf({ outputs, logs }: Evidence): number {
  const texts = Object.values(outputs).flatMap((content) => (content.kind === 'text' ? [content.text] : []));
  return [...texts, ...Object.values(logs)].reduce((sum, text) => sum + text.length, 0);
}

/** Beyond the parser's own inputs: what identities and severities are made of. */
function parsedKey({ stage, input, record }: JudgeRequest): ParsedKey {
  const key = {
    outputs: Object.fromEntries(Object.entries(record.outputs).map(([name, { digest }]) => [name, digest])),
    exits: Object.fromEntries(record.steps.map((step) => [step.step, step.exitCode])),
    definitionDigest: stage.definitionDigest,
    options: stage.options,
    filesGiven: input.files.length,
    sourceRoot: record.sourceRoot,
    action: record.key,
    input: input.digest,
    stage: stage.id,
    target: stage.target,
    severityMap: stage.severityMap,
    faults: stage.faults,
    outputSpecs: stage.outputSpecs,
    fingerprints: IDENTITY_VERSION,
  };
  return key;
}

/** The cache's seal vouches for the members: only the shape of the whole is looked at. */
function understoodBefore(value: unknown): Understood | undefined {
  const known = value as Partial<Understood> | undefined | null;
  const lists = [known?.findings, known?.notes, known?.unexamined];
  const whole = lists.every(Array.isArray) && known?.examined !== undefined;
  return whole ? (known as Understood) : undefined;
}
