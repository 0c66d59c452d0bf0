import { byCodeUnit } from '../../core/canonical.ts';
import { type Failure, isInfrastructure } from '../../core/failure.ts';
import { failureText } from '../../core/failure-text.ts';
import type { ArtifactId, Digest, StageId } from '../../core/ids.ts';
import { type NotRun, notRunText } from '../../core/not-run.ts';
import { createStoreRedactor } from '../../core/redaction/redactor.ts';
import { storageFailure } from '../../io/storage-failure.ts';
import { isToolStage, type Plan, type ToolStage } from '../../planner/ir/ir.ts';
import { demandOf, pick, priorities } from '../../planner/schedule/schedule.ts';
import type { OnEvent } from '../events.ts';
import type { Stack } from '../stack/create-stack.ts';
import type { StoredOutputs } from '../stage-artifacts.ts';
import { resultBase, type StageResult } from '../stage-result.ts';
import { blockedBy, incomplete } from './blocked-by.ts';
import type { Journal } from './journal.ts';
import { redactResults } from './redact-results.ts';
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
  readonly stopWhen?: (results: readonly StageResult[]) => NotRun | undefined;
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
  return new PlanRun(plan, deps).run();
}

/** One run of a plan: owns what runs, and what has ended. Run once. */
class PlanRun {
  readonly #plan: Plan;
  readonly #deps: RunPlanDeps;
  readonly #stageDeps: StageDeps;
  readonly #startedAt: number;
  readonly #runStart: number;
  readonly #bug = new AbortController();
  readonly #rank: ReadonlyMap<StageId, number>;
  readonly #producers: ReadonlyMap<ArtifactId, StageId>;
  readonly #pending: Map<StageId, ToolStage>;
  readonly #readySince = new Map<StageId, number>();
  readonly #running = new Map<StageId, { readonly stage: ToolStage; readonly ended: Promise<void> }>();
  readonly #results = new Map<StageId, StageResult>();
  readonly #stored = new Map<StageId, StoredOutputs>();
  readonly #artifacts = new Map<ArtifactId, Digest>();
  #thrown: { readonly error: unknown } | undefined;

  constructor(plan: Plan, deps: RunPlanDeps) {
    this.#plan = plan;
    this.#deps = deps;
    this.#startedAt = deps.clock.now();
    this.#runStart = deps.runStart ?? this.#startedAt;
    this.#stageDeps = {
      ...deps,
      storeRedactor: createStoreRedactor(Object.values(deps.secrets)),
      signal: AbortSignal.any([deps.signal, this.#bug.signal]),
      ...(deps.stack === undefined ? {} : addressesOf(deps.stack)),
    };
    const stages = plan.stages.filter(isToolStage);
    this.#rank = priorities(plan, (stage) => expectedMs(stage, deps));
    this.#producers = new Map(
      stages.flatMap((stage) => stage.outputs.map((output) => [output.id, stage.id])),
    );
    this.#pending = new Map(stages.map((stage) => [stage.id, stage]));
  }

  async run(): Promise<RunResult> {
    this.#deps.stack?.begin();
    while (this.#pending.size > 0) await this.#turn();
    await Promise.all(this.#ends());
    if (this.#thrown !== undefined) throw this.#thrown.error;
    return this.#result();
  }

  /** Starts what can start, or gives up what has not, and waits until something has changed. */
  async #turn(): Promise<void> {
    const { stack } = this.#deps;
    const [pending, running] = [this.#pending, this.#running];
    const changed = stack?.changed();
    const stop = this.#stopReason();
    if (stop === undefined) this.#startWhatFits();
    else this.#skipAll(stop);
    const next = this.#ends();
    if (changed !== undefined && pending.size > 0 && (running.size > 0 || stack?.starting()))
      next.push(changed);
    if (next.length > 0) await Promise.race(next);
    else if (stop === undefined && pending.size > 0 && this.#readyStages().length === 0 && pending.size > 0) {
      throw new Error(`stages that can never start: ${[...pending.keys()].join(', ')}`);
    }
  }

  #ends(): Promise<void>[] {
    return [...this.#running.values()].map(({ ended }) => ended);
  }

  #stopReason(): NotRun | undefined {
    if (this.#stageDeps.signal.aborted) return { kind: 'interrupted' };
    const failure = this.#deps.stack?.failure();
    if (failure !== undefined) return { kind: 'stopped-by-failure', failure };
    return this.#deps.stopWhen?.([...this.#results.values()]);
  }

  #skipAll(why: NotRun): void {
    for (const stage of [...this.#pending.values()]) {
      if (this.#running.has(stage.id)) continue;
      const ready = this.#deps.stack?.readiness(stage);
      if (typeof ready === 'object') this.#finish(stage, incomplete(stage, ready, this.#sinceStart()));
      else this.#finish(stage, { ...resultBase(stage), state: 'skipped', why });
    }
  }

  #startWhatFits(): void {
    const { clock, limits } = this.#deps;
    const now = clock.now();
    const ready = this.#readyStages();
    for (const { id } of ready) if (!this.#readySince.has(id)) this.#readySince.set(id, now);
    const chosen = pick(
      ready.map((stage) => ({
        id: stage.id,
        demand: demandOf(stage, limits),
        priority: this.#rank.get(stage.id) ?? 0,
      })),
      [...this.#running.values()].map(({ stage }) => ({ demand: demandOf(stage, limits) })),
      limits,
    );
    for (const id of chosen) {
      const stage = this.#pending.get(id);
      if (stage === undefined) continue;
      this.#running.set(id, { stage, ended: this.#runStage(stage, this.#readySince.get(id) ?? now) });
    }
  }

  /** Settles what cannot start any more; gives what can. */
  #readyStages(): ToolStage[] {
    const waits = ({ id, needs }: ToolStage) =>
      this.#running.has(id) || needs.some((need) => this.#pending.has(need));
    for (let settled = true; settled; ) {
      settled = false;
      for (const stage of [...this.#pending.values()]) {
        if (waits(stage)) continue;
        const result = this.#blocked(stage);
        if (result === undefined) continue;
        this.#finish(stage, result);
        settled = true;
      }
    }
    return [...this.#pending.values()].filter((stage) => !waits(stage) && this.#mayStart(stage));
  }

  /** Why a stage cannot start: what it needs of other stages, or of the stack, did not come to be. */
  #blocked(stage: ToolStage): StageResult | undefined {
    const now = this.#sinceStart();
    const ready = this.#deps.stack?.readiness(stage);
    if (typeof ready === 'object') return incomplete(stage, ready, now);
    const finished = { producers: this.#producers, results: this.#results, artifacts: this.#artifacts };
    return blockedBy(stage, finished, now);
  }

  /** A stack that the profile requires comes first: without it nothing is worth scanning. */
  #mayStart(stage: ToolStage): boolean {
    const { stack } = this.#deps;
    if (stack === undefined) return true;
    return stack.readiness(stage) === 'ready' && !(this.#plan.stack?.required === true && stack.starting());
  }

  async #runStage(stage: ToolStage, readyAt: number): Promise<void> {
    const [artifacts, runStart] = [this.#artifacts, this.#runStart];
    try {
      this.#deps.onEvent({ type: 'stage-started', at: this.#sinceStart(), stage: stage.id });
      const start = { artifacts, runStart, readyAt };
      const ran = await new StageAttempt(stage, this.#depsFor(stage), start).run();
      this.#stored.set(stage.id, ran.stored);
      if (ran.result.state === 'done') {
        for (const [id, digest] of producedBy(stage, ran.stored)) artifacts.set(id, digest);
      }
      // What a scanner made of a service that was away says nothing of the service.
      const lost = this.#deps.stack?.lost(stage);
      if (lost !== undefined) this.#finish(stage, incomplete(stage, lost, this.#sinceStart(), ran.result));
      else this.#finish(stage, asFirstRun(ran.result, this.#deps.journal));
    } catch (error) {
      this.#thrown ??= { error };
      this.#pending.delete(stage.id);
      this.#bug.abort();
    } finally {
      this.#running.delete(stage.id);
    }
  }

  #depsFor(stage: ToolStage): StageDeps {
    const { stack } = this.#deps;
    if (stack === undefined) return this.#stageDeps;
    const signal = AbortSignal.any([this.#stageDeps.signal, stack.signalFor(stage)]);
    return { ...this.#stageDeps, signal };
  }

  #finish(stage: ToolStage, result: StageResult): void {
    const { journal, onEvent, publishRedactor } = this.#deps;
    this.#results.set(stage.id, result);
    this.#pending.delete(stage.id);
    const run = result.state === 'done' || result.state === 'incomplete';
    onEvent({
      type: 'stage-finished',
      at: this.#sinceStart(),
      stage: stage.id,
      state: result.state,
      cached: result.state === 'done' && result.cached,
      findings: result.state === 'done' ? result.findings.length : 0,
      ms: run ? result.timings.endedAt - result.timings.startedAt : 0,
      detail: publishRedactor.text(detailOf(result)),
    });
    if (result.state !== 'done') return;
    try {
      journal?.record({ stage: stage.id, key: result.key, cached: result.cached });
    } catch (error) {
      // Without its line a stage would run again on --resume; no reason to lose it now.
      if (storageFailure(error, 'journal') === undefined) throw error;
    }
  }

  #sinceStart(): number {
    return this.#deps.clock.now() - this.#runStart;
  }

  async #result(): Promise<RunResult> {
    const { publishRedactor, signal } = this.#deps;
    const sorted = [...this.#results.values()].sort((a, b) => byCodeUnit(a.stage, b.stage));
    const infrastructure = sorted.flatMap((result) =>
      result.state === 'incomplete' && isInfrastructure(result.failure) ? [result.failure] : [],
    )[0];
    return {
      results: await redactResults(sorted, publishRedactor),
      stored: this.#stored,
      timings: { startedAt: this.#startedAt - this.#runStart, endedAt: this.#sinceStart() },
      interrupted: signal.aborted,
      ...(infrastructure === undefined ? {} : { infrastructure }),
    };
  }
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
  return result.state === 'incomplete' ? failureText(result.failure) : notRunText(result.why);
}

function addressesOf({ endpoint, endpoints, env }: Stack) {
  return { endpoint, endpoints, env };
}
