import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import type { Failure } from '../../core/failure.ts';
import { failureText } from '../../core/failure-text.ts';
import type { StageId } from '../../core/ids.ts';
import type { PublishRedactor, StoreRedactor } from '../../core/redaction/redactor.ts';
import type { Clock } from '../../io/clock.ts';
import type { Plan, ServiceStage, StageTarget, ToolStage } from '../../planner/ir/ir.ts';
import type { ServiceState } from '../events.ts';
import type { RunningService, StackEndpoint, StackRuntime } from '../ports.ts';
import { awaitHealthy } from './await-healthy.ts';
import { fillEnv } from './fill-env.ts';
import { stackAddresses } from './stack-addresses.ts';

export interface StackOptions {
  readonly runtime: StackRuntime | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly secrets: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly workspace: string;
  /** Empty folder for the services' logs. */
  readonly logDir: string;
  /** For the services' logs. */
  readonly storeRedactor: StoreRedactor;
  /** For what is said of the services in events and diagnostics. */
  readonly publishRedactor: PublishRedactor;
  readonly onState: (stage: StageId, state: ServiceState, ms: number, detail: string) => void;
  readonly onDiagnostic: (diagnostic: Diagnostic) => void;
}

/** The services of a run. */
export interface Stack {
  /** Begins to start them, each as soon as those that it depends on are healthy. */
  begin(): void;
  /** Whether a stage may start: `starting` while it may not yet. */
  readiness(stage: Pick<ToolStage, 'needs'>): 'starting' | 'ready' | Failure;
  /** Resolves when a service has become healthy or failed since. */
  changed(): Promise<void>;
  /** Aborts when a service that the stage needs has ended by itself. */
  signalFor(stage: Pick<ToolStage, 'needs'>): AbortSignal;
  /** Why what a stage found while a service was away says nothing; undefined while all that it needs run. */
  lost(stage: Pick<ToolStage, 'needs'>): Failure | undefined;
  /** For a stack that the profile requires: the failure for which nothing else is worth starting. */
  failure(): Failure | undefined;
  /** Whether services are still on their way up. */
  starting(): boolean;
  endpoint(target: StageTarget): string | undefined;
  endpoints(stage: Pick<ToolStage, 'network'>): readonly StackEndpoint[];
  env(stage: Pick<ToolStage, 'network'>): Readonly<Record<string, string>>;
  /** Stops what runs, those first that others do not depend on. @returns paths of the logs, by service */
  close(): Promise<ReadonlyMap<StageId, readonly string[]>>;
}

interface Entry {
  readonly stage: ServiceStage;
  readonly away: AbortController;
  /** Settled when it is healthy or has failed; never rejects. */
  up?: Promise<void>;
  healthy: boolean;
  failure?: Failure;
  running?: RunningService;
}

/** Supervises the services of a plan over whatever runtime starts them. */
export function createStack(plan: Plan, options: StackOptions): Stack {
  return new PlanStack(plan, options);
}

/** Owns what was started of a plan's services until it is closed. */
class PlanStack implements Stack {
  readonly #options: StackOptions;
  readonly #required: boolean;
  readonly #names: readonly string[];
  readonly #entries: ReadonlyMap<StageId, Entry>;
  readonly #ending = new AbortController();
  readonly #signal: AbortSignal;
  #change = Promise.withResolvers<void>();
  readonly endpoint: Stack['endpoint'];
  readonly endpoints: Stack['endpoints'];
  readonly env: Stack['env'];

  constructor(plan: Plan, options: StackOptions) {
    const services = plan.stages.filter((stage) => stage.kind === 'service');
    this.#options = options;
    this.#required = plan.stack?.required === true;
    this.#names = services.map(({ service }) => service);
    this.#entries = new Map(
      services.map((stage) => [stage.id, { stage, away: new AbortController(), healthy: false }]),
    );
    this.#signal = AbortSignal.any([options.signal, this.#ending.signal]);
    const { endpoint, endpoints, env } = stackAddresses(plan, options.runtime);
    this.endpoint = endpoint;
    this.endpoints = endpoints;
    this.env = env;
  }

  begin(): void {
    for (const entry of this.#entries.values()) void this.#up(entry);
  }

  readiness(stage: Pick<ToolStage, 'needs'>): 'starting' | 'ready' | Failure {
    const all = [...this.#needed(stage)];
    const failed = all.find(({ failure }) => failure !== undefined);
    if (failed?.failure !== undefined) return failed.failure;
    return all.every(({ healthy }) => healthy) ? 'ready' : 'starting';
  }

  changed(): Promise<void> {
    return this.#change.promise;
  }

  signalFor(stage: Pick<ToolStage, 'needs'>): AbortSignal {
    return AbortSignal.any([...this.#needed(stage)].map(({ away }) => away.signal));
  }

  lost(stage: Pick<ToolStage, 'needs'>): Failure | undefined {
    return [...this.#needed(stage)].find(({ failure }) => failure !== undefined)?.failure;
  }

  failure(): Failure | undefined {
    if (!this.#required) return undefined;
    const never = [...this.#entries.values()].find(
      ({ failure, away }) => failure?.reason === 'stack' && !away.signal.aborted,
    );
    return never?.failure;
  }

  starting(): boolean {
    return [...this.#entries.values()].some(({ healthy, failure }) => !healthy && failure === undefined);
  }

  async close(): Promise<ReadonlyMap<StageId, readonly string[]>> {
    const all = [...this.#entries.values()];
    this.#ending.abort();
    await Promise.all(all.map(({ up }) => up));
    const stopped = new Map<Entry, Promise<void>>();
    await Promise.all(all.map((entry) => this.#stopOnce(entry, stopped)));
    return new Map(
      all.flatMap(({ stage, running }) => (running === undefined ? [] : [[stage.id, running.logs] as const])),
    );
  }

  #needed(stage: { readonly needs: readonly StageId[] }, found = new Set<Entry>()): ReadonlySet<Entry> {
    for (const id of stage.needs) {
      const entry = this.#entries.get(id);
      if (entry === undefined || found.has(entry)) continue;
      found.add(entry);
      this.#needed(entry.stage, found);
    }
    return found;
  }

  #up(entry: Entry): Promise<void> {
    entry.up ??= this.#bringUp(entry)
      .catch((error) => {
        const detail = `it could not be started: ${error instanceof Error ? error.message : String(error)}`;
        this.#fail(entry, stackFailure(entry, detail), this.#options.clock.now());
      })
      .finally(() => this.#wake());
    return entry.up;
  }

  async #bringUp(entry: Entry): Promise<void> {
    const { stage } = entry;
    const startedAt = this.#options.clock.now();
    const before = stage.needs.flatMap((id) => this.#entries.get(id) ?? []);
    await Promise.all(before.map((one) => this.#up(one)));
    const blocked = before.find(({ failure }) => failure !== undefined);
    if (blocked?.failure !== undefined) {
      // It is reported once, for the service that failed.
      entry.failure = blockedFailure(stage, blocked.stage, blocked.failure);
      return this.#tell(entry, 'failed', startedAt, failureText(entry.failure));
    }
    const service = await this.#start(entry, startedAt);
    if ('reason' in service) return this.#fail(entry, service, startedAt);
    entry.running = service;
    const why = await awaitHealthy(service, stage.health, this.#options.clock, this.#signal);
    if (why !== undefined) {
      await service.stop();
      return this.#fail(entry, stackFailure(entry, why), startedAt);
    }
    entry.healthy = true;
    this.#tell(entry, 'healthy', startedAt);
    void service.ended.then((how) => this.#ended(entry, how, startedAt));
  }

  async #start(entry: Entry, startedAt: number): Promise<RunningService | Failure> {
    const { stage } = entry;
    const { runtime, secrets, workspace, logDir, storeRedactor: redactor } = this.#options;
    const refusal = runtime === undefined ? 'this runtime starts no services' : runtime.refuses(stage);
    if (runtime === undefined || refusal !== undefined) {
      const detail = `service ${stage.service} is not started: ${refusal}`;
      return { reason: 'requirement-unmet', detail };
    }
    if (this.#signal.aborted) return stackFailure(entry, 'interrupted');
    const filled = fillEnv(stage, secrets);
    if (!filled.ok) return stackFailure(entry, `secret ${filled.missing} is unavailable`);
    this.#tell(entry, 'starting', startedAt);
    const request = { service: stage, names: this.#names, env: filled.env, workspace, logDir, redactor };
    const started = await runtime.start(request);
    return started.ok ? started.service : stackFailure(entry, started.detail);
  }

  #ended(entry: Entry, how: string, startedAt: number): void {
    if (this.#ending.signal.aborted || this.#options.signal.aborted) return;
    entry.healthy = false;
    this.#fail(entry, stackFailure(entry, `it exited while it was in use: ${how}`), startedAt);
    entry.away.abort();
    this.#wake();
  }

  #fail(entry: Entry, failure: Failure, startedAt: number): void {
    const { signal, onDiagnostic, publishRedactor } = this.#options;
    entry.failure = failure;
    const interrupted = signal.aborted || this.#ending.signal.aborted;
    this.#tell(entry, 'failed', startedAt, failureText(failure));
    if (interrupted) return;
    const code = failure.reason === 'stack' ? 'SP5130' : 'SP5132';
    onDiagnostic(diagnostic(code, publishRedactor.text(failureText(failure))));
  }

  #tell({ stage }: Entry, state: ServiceState, startedAt: number, detail = ''): void {
    const { clock, onState, publishRedactor } = this.#options;
    onState(stage.id, state, clock.now() - startedAt, publishRedactor.text(detail));
  }

  #wake(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  async #stop(entry: Entry, stopped: Map<Entry, Promise<void>>): Promise<void> {
    const after = [...this.#entries.values()].filter(({ stage }) => stage.needs.includes(entry.stage.id));
    await Promise.all(after.map((one) => this.#stopOnce(one, stopped)));
    if (entry.running === undefined) return;
    const at = this.#options.clock.now();
    await entry.running.stop();
    if (entry.failure === undefined) this.#tell(entry, 'stopped', at);
  }

  #stopOnce(entry: Entry, stopped: Map<Entry, Promise<void>>): Promise<void> {
    const known = stopped.get(entry) ?? this.#stop(entry, stopped);
    stopped.set(entry, known);
    return known;
  }
}

function stackFailure({ stage }: Entry, detail: string): Failure {
  return { reason: 'stack', service: stage.service, detail };
}

/** The failure of a service that was not started since another, which it needs, has failed. */
function blockedFailure(stage: ServiceStage, needed: ServiceStage, failure: Failure): Failure {
  const why = `needs service ${needed.service}, which did not start`;
  return failure.reason === 'stack'
    ? { reason: 'stack', service: stage.service, detail: why }
    : { reason: 'requirement-unmet', detail: `service ${stage.service} ${why}` };
}
