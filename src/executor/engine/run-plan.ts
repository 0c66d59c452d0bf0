import { byCodeUnit } from '../../core/canonical.ts';
import { type Failure, isInfrastructure } from '../../core/failure.ts';
import { failureText } from '../../core/failure-text.ts';
import type { ArtifactId, Digest, StageId } from '../../core/ids.ts';
import { createStoreRedactor } from '../../core/redaction/redactor.ts';
import { storageFailure } from '../../io/storage-failure.ts';
import { isToolStage, type Plan, type ToolStage } from '../../planner/ir/ir.ts';
import { demandOf, pick, priorities } from '../../planner/schedule/schedule.ts';
import type { OnEvent } from '../events.ts';
import type { Stack } from '../stack/create-stack.ts';
import type { StoredOutputs } from '../stage-artifacts.ts';
import { type NotRunResult, resultBase, type StageResult } from '../stage-result.ts';
import type { Journal } from './journal.ts';
import { redactResult } from './redact-result.ts';
import { producedBy, StageAttempt } from './stage-attempt.ts';
import type { StageDeps } from './stage-deps.ts';

export interface RunPlanDeps extends Omit<StageDeps, 'storeRedactor'> {
  /** The plan's services, not yet begun; closed by its owner. Absent where the plan has no stack. */
  readonly stack?: Stack;
  /** The machine's share that scanners may take. */
  readonly limits: { readonly cpus: number; readonly memoryMb: number };
  readonly onEvent: OnEvent;
  /** Told of each finished stage; what it holds already was finished by a run that this one resumes. */
  readonly journal?: Pick<Journal, 'finished' | 'record'>;
  /** For `--fail-fast`: why no further stage should start; undefined to go on. */
  readonly stopWhen?: (results: readonly StageResult[]) => string | undefined;
  /** `clock.now()` at the run's start, where that was before now. */
  readonly runStart?: number;
}

export interface RunResult {
  /** One for each tool stage of the plan, sorted by stage. Texts are redacted with all that the run learned. */
  readonly results: readonly StageResult[];
  /** Every stored file of each stage that ran; logs are `<step>.stdout` and `<step>.stderr`, empty ones left out. */
  readonly stored: ReadonlyMap<StageId, StoredOutputs>;
  /** Milliseconds since the run's start. */
  readonly timings: { readonly startedAt: number; readonly endedAt: number };
  readonly interrupted: boolean;
  /** The first failure that lies in the machine, by stage. */
  readonly infrastructure?: Failure;
}

/**
 * Runs a plan's tool stages in order of their critical path, within the machine's limits. The result does not depend
 * on the order in which stages end. Aggregate, gate and report are the composition root's.
 * @throws only bugs, after everything that ran has ended
 */
export async function runPlan(plan: Plan, deps: RunPlanDeps): Promise<RunResult> {
  const { clock, onEvent, signal } = deps;
  const startedAt = clock.now();
  const runStart = deps.runStart ?? startedAt;
  const bug = new AbortController();
  const stageDeps: StageDeps = {
    ...deps,
    storeRedactor: createStoreRedactor(Object.values(deps.secrets)),
    signal: AbortSignal.any([signal, bug.signal]),
    ...(deps.stack === undefined ? {} : addressesOf(deps.stack)),
  };
  const stages = plan.stages.filter(isToolStage);
  const rank = priorities(plan, (stage) => expectedMs(stage, deps));
  const producers = new Map(stages.flatMap((stage) => stage.outputs.map((output) => [output.id, stage.id])));
  const pending = new Map(stages.map((stage) => [stage.id, stage]));
  const readySince = new Map<StageId, number>();
  const running = new Map<StageId, { readonly stage: ToolStage; readonly ended: Promise<void> }>();
  const results = new Map<StageId, StageResult>();
  const stored = new Map<StageId, StoredOutputs>();
  const artifacts = new Map<ArtifactId, Digest>();
  let thrown: { readonly error: unknown } | undefined;

  function finish(stage: ToolStage, result: StageResult): void {
    results.set(stage.id, result);
    pending.delete(stage.id);
    const run = result.state === 'done' || result.state === 'incomplete';
    onEvent({
      type: 'stage-finished',
      at: clock.now() - runStart,
      stage: stage.id,
      state: result.state,
      cached: result.state === 'done' && result.cached,
      findings: result.state === 'done' ? result.findings.length : 0,
      ms: run ? result.timings.endedAt - result.timings.startedAt : 0,
      detail: deps.publishRedactor.text(detailOf(result)),
    });
    if (result.state !== 'done') return;
    try {
      deps.journal?.record({ stage: stage.id, key: result.key, cached: result.cached });
    } catch (error) {
      // Without its line a stage would run again on --resume; no reason to lose it now.
      if (storageFailure(error, 'journal') === undefined) throw error;
    }
  }

  async function run(stage: ToolStage, readyAt: number): Promise<void> {
    try {
      onEvent({ type: 'stage-started', at: clock.now() - runStart, stage: stage.id });
      const ran = await new StageAttempt(stage, depsFor(stage), { artifacts, runStart, readyAt }).run();
      stored.set(stage.id, ran.stored);
      if (ran.result.state === 'done') {
        for (const [id, digest] of producedBy(stage, ran.stored)) artifacts.set(id, digest);
      }
      // What a scanner made of a service that was away says nothing of the service.
      const lost = deps.stack?.lost(stage);
      if (lost !== undefined) finish(stage, incomplete(stage, lost, clock.now() - runStart, ran.result));
      else finish(stage, asFirstRun(ran.result, deps.journal));
    } catch (error) {
      thrown ??= { error };
      pending.delete(stage.id);
      bug.abort();
    } finally {
      running.delete(stage.id);
    }
  }

  function depsFor(stage: ToolStage): StageDeps {
    if (deps.stack === undefined) return stageDeps;
    return { ...stageDeps, signal: AbortSignal.any([stageDeps.signal, deps.stack.signalFor(stage)]) };
  }

  /** Why a stage cannot start: what it needs of other stages, or of the stack, did not come to be. */
  function blocked(stage: ToolStage): StageResult | undefined {
    const now = clock.now() - runStart;
    const ready = deps.stack?.readiness(stage);
    if (typeof ready === 'object') return incomplete(stage, ready, now);
    return blockedBy(stage, producers, results, artifacts, now);
  }

  /** A stack that the profile requires comes first: without it nothing is worth scanning. */
  function mayStart(stage: ToolStage): boolean {
    const { stack } = deps;
    if (stack === undefined) return true;
    return stack.readiness(stage) === 'ready' && !(plan.stack?.required === true && stack.starting());
  }

  /** Settles what cannot start any more; gives what can. */
  function readyStages(): ToolStage[] {
    for (let settled = true; settled; ) {
      settled = false;
      for (const stage of [...pending.values()]) {
        if (running.has(stage.id) || stage.needs.some((need) => pending.has(need))) continue;
        const result = blocked(stage);
        if (result === undefined) continue;
        finish(stage, result);
        settled = true;
      }
    }
    return [...pending.values()].filter(
      (stage) => !running.has(stage.id) && !stage.needs.some((need) => pending.has(need)) && mayStart(stage),
    );
  }

  deps.stack?.begin();
  function stopReason(): string | undefined {
    if (stageDeps.signal.aborted) return 'the run was interrupted';
    const failure = deps.stack?.failure();
    if (failure !== undefined) return `stopped: ${failureText(failure)}`;
    return deps.stopWhen?.([...results.values()]);
  }

  while (pending.size > 0) {
    const changed = deps.stack?.changed();
    const stop = stopReason();
    if (stop !== undefined) {
      for (const stage of [...pending.values()]) {
        if (running.has(stage.id)) continue;
        const ready = deps.stack?.readiness(stage);
        if (typeof ready === 'object') finish(stage, incomplete(stage, ready, clock.now() - runStart));
        else finish(stage, { ...resultBase(stage), state: 'skipped', evidence: stop });
      }
    } else {
      const now = clock.now();
      const ready = readyStages();
      for (const stage of ready) if (!readySince.has(stage.id)) readySince.set(stage.id, now);
      const chosen = pick(
        ready.map((stage) => ({
          id: stage.id,
          demand: demandOf(stage, deps.limits),
          priority: rank.get(stage.id) ?? 0,
        })),
        [...running.values()].map(({ stage }) => ({ demand: demandOf(stage, deps.limits) })),
        deps.limits,
      );
      for (const id of chosen) {
        const stage = pending.get(id);
        if (stage !== undefined) running.set(id, { stage, ended: run(stage, readySince.get(id) ?? now) });
      }
    }
    const next: Promise<void>[] = [...running.values()].map(({ ended }) => ended);
    if (changed !== undefined && pending.size > 0 && (running.size > 0 || deps.stack?.starting()))
      next.push(changed);
    if (next.length > 0) await Promise.race(next);
    else if (stop === undefined && pending.size > 0 && readyStages().length === 0 && pending.size > 0) {
      throw new Error(`stages that can never start: ${[...pending.keys()].join(', ')}`);
    }
  }
  await Promise.all([...running.values()].map(({ ended }) => ended));
  if (thrown !== undefined) throw thrown.error;
  const sorted = [...results.values()].sort((a, b) => byCodeUnit(a.stage, b.stage));
  const infrastructure = sorted.flatMap((result) =>
    result.state === 'incomplete' && isInfrastructure(result.failure) ? [result.failure] : [],
  )[0];
  return {
    results: sorted.map((result) => redactResult(result, deps.publishRedactor)),
    stored,
    timings: { startedAt: startedAt - runStart, endedAt: clock.now() - runStart },
    interrupted: signal.aborted,
    ...(infrastructure === undefined ? {} : { infrastructure }),
  };
}

function expectedMs(stage: Plan['stages'][number], deps: RunPlanDeps): number {
  if (!isToolStage(stage)) return 0;
  const measured = deps.caches.durations.of(stage.definitionDigest, deps.caches.workspace);
  return measured ?? deps.catalogue.get(stage.definition)?.expectedMs ?? 0;
}

/** A stage that an interrupted run of the same plan had finished is no cache hit: it ran in this run. */
function asFirstRun(result: StageResult, journal: RunPlanDeps['journal']): StageResult {
  if (result.state !== 'done' || !result.cached) return result;
  const before = journal?.finished.get(result.stage);
  return before?.key === result.key ? { ...result, cached: before.cached } : result;
}

function detailOf(result: StageResult): string {
  if (result.state === 'done') return '';
  return result.state === 'incomplete' ? failureText(result.failure) : result.evidence;
}

/** What becomes of a stage that lacks an input, whose needs are all finished. */
function blockedBy(
  stage: ToolStage,
  producers: ReadonlyMap<ArtifactId, StageId>,
  results: ReadonlyMap<StageId, StageResult>,
  artifacts: ReadonlyMap<ArtifactId, Digest>,
  now: number,
): StageResult | undefined {
  for (const input of stage.inputs) {
    if (artifacts.has(input.id)) continue;
    const producer = producers.get(input.id);
    const result = producer === undefined ? undefined : results.get(producer);
    const state = result?.state;
    if (state !== undefined && state !== 'done' && state !== 'incomplete') {
      const evidence = `needs ${input.name} of ${producer}: ${(result as NotRunResult).evidence}`;
      return { ...resultBase(stage), state, evidence };
    }
    const failure = {
      reason: 'input-missing',
      artifact: input.name,
      producer: producer ?? input.id,
    } as const;
    return incomplete(stage, failure, now);
  }
  return undefined;
}

/** A result for a stage that could not start or, with what it left, whose result is not to be believed. */
function incomplete(stage: ToolStage, failure: Failure, now: number, left?: StageResult): StageResult {
  const nothing = { queue: 0, hash: 0, provision: 0, sandbox: 0, tool: 0, parse: 0, write: 0 };
  return {
    ...resultBase(stage),
    state: 'incomplete',
    failure,
    toolUsed: left !== undefined && 'toolUsed' in left ? left.toolUsed : null,
    artifacts: left !== undefined && 'artifacts' in left ? left.artifacts : [],
    timings:
      left !== undefined && 'timings' in left ? left.timings : { ...nothing, startedAt: now, endedAt: now },
  };
}

function addressesOf({ endpoint, endpoints, env }: Stack) {
  return { endpoint, endpoints, env };
}
