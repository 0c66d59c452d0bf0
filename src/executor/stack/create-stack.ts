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
  const { clock, runtime } = options;
  const services = plan.stages.filter((stage) => stage.kind === 'service');
  const entries = new Map<StageId, Entry>(
    services.map((stage) => [stage.id, { stage, away: new AbortController(), healthy: false }]),
  );
  const names = services.map(({ service }) => service);
  const addresses = stackAddresses(plan, runtime);
  const ending = new AbortController();
  const signal = AbortSignal.any([options.signal, ending.signal]);
  let change = Promise.withResolvers<void>();

  function needed(
    stage: { readonly needs: readonly StageId[] },
    found = new Set<Entry>(),
  ): ReadonlySet<Entry> {
    for (const id of stage.needs) {
      const entry = entries.get(id);
      if (entry === undefined || found.has(entry)) continue;
      found.add(entry);
      needed(entry.stage, found);
    }
    return found;
  }

  function tell(entry: Entry, state: ServiceState, startedAt: number, detail = ''): void {
    options.onState(entry.stage.id, state, clock.now() - startedAt, options.publishRedactor.text(detail));
  }

  function fail(entry: Entry, failure: Failure, startedAt: number): void {
    entry.failure = failure;
    const interrupted = options.signal.aborted || ending.signal.aborted;
    tell(entry, 'failed', startedAt, failureText(failure));
    if (interrupted) return;
    const code = failure.reason === 'stack' ? 'SP5130' : 'SP5132';
    options.onDiagnostic(diagnostic(code, options.publishRedactor.text(failureText(failure))));
  }

  async function bringUp(entry: Entry): Promise<void> {
    const { stage } = entry;
    const startedAt = clock.now();
    const before = stage.needs.flatMap((id) => entries.get(id) ?? []);
    await Promise.all(before.map((one) => up(one)));
    const blocked = before.find(({ failure }) => failure !== undefined);
    if (blocked?.failure !== undefined) {
      const why = `needs service ${blocked.stage.service}, which was not started`;
      const failure: Failure =
        blocked.failure.reason === 'stack'
          ? { reason: 'stack', service: stage.service, detail: why }
          : { reason: 'requirement-unmet', detail: `service ${stage.service} ${why}` };
      // It is told once, of the service that is at fault.
      entry.failure = failure;
      return tell(entry, 'failed', startedAt, failureText(failure));
    }
    const refusal = runtime === undefined ? 'this runtime starts no services' : runtime.refuses(stage);
    if (runtime === undefined || refusal !== undefined) {
      const detail = `service ${stage.service} is not started: ${refusal}`;
      return fail(entry, { reason: 'requirement-unmet', detail }, startedAt);
    }
    const stackFailure = (detail: string): Failure => ({ reason: 'stack', service: stage.service, detail });
    if (signal.aborted) return fail(entry, stackFailure('interrupted'), startedAt);
    const filled = fillEnv(stage, options.secrets);
    if (!filled.ok) return fail(entry, stackFailure(`secret ${filled.missing} is not there`), startedAt);
    tell(entry, 'starting', startedAt);
    const { workspace, logDir, storeRedactor: redactor } = options;
    const request = { service: stage, names, env: filled.env, workspace, logDir, redactor };
    const started = await runtime.start(request);
    if (!started.ok) return fail(entry, stackFailure(started.detail), startedAt);
    const { service } = started;
    entry.running = service;
    const why = await awaitHealthy(service, stage.health, clock, signal);
    if (why !== undefined) {
      await service.stop();
      return fail(entry, stackFailure(why), startedAt);
    }
    entry.healthy = true;
    tell(entry, 'healthy', startedAt);
    void service.ended.then((how) => {
      if (ending.signal.aborted || options.signal.aborted) return;
      entry.healthy = false;
      fail(entry, stackFailure(`it ended while it was in use: ${how}`), startedAt);
      entry.away.abort();
      wake();
    });
  }

  function up(entry: Entry): Promise<void> {
    entry.up ??= bringUp(entry)
      .catch((error) => {
        const detail = `it could not be started: ${error instanceof Error ? error.message : String(error)}`;
        fail(entry, { reason: 'stack', service: entry.stage.service, detail }, clock.now());
      })
      .finally(wake);
    return entry.up;
  }

  function wake(): void {
    change.resolve();
    change = Promise.withResolvers();
  }

  async function stop(entry: Entry, stopped: Map<Entry, Promise<void>>): Promise<void> {
    const after = [...entries.values()].filter(({ stage }) => stage.needs.includes(entry.stage.id));
    await Promise.all(after.map((one) => stopOnce(one, stopped)));
    if (entry.running === undefined) return;
    const at = clock.now();
    await entry.running.stop();
    if (entry.failure === undefined) tell(entry, 'stopped', at);
  }

  function stopOnce(entry: Entry, stopped: Map<Entry, Promise<void>>): Promise<void> {
    const known = stopped.get(entry) ?? stop(entry, stopped);
    stopped.set(entry, known);
    return known;
  }

  return {
    begin() {
      for (const entry of entries.values()) void up(entry);
    },
    readiness(stage) {
      const all = [...needed(stage)];
      const failed = all.find(({ failure }) => failure !== undefined);
      if (failed?.failure !== undefined) return failed.failure;
      return all.every(({ healthy }) => healthy) ? 'ready' : 'starting';
    },
    changed: () => change.promise,
    signalFor: (stage) => AbortSignal.any([...needed(stage)].map(({ away }) => away.signal)),
    lost: (stage) => [...needed(stage)].find(({ failure }) => failure !== undefined)?.failure,
    failure() {
      if (plan.stack?.required !== true) return undefined;
      const never = [...entries.values()].find(
        ({ failure, away }) => failure?.reason === 'stack' && !away.signal.aborted,
      );
      return never?.failure;
    },
    starting: () => [...entries.values()].some(({ healthy, failure }) => !healthy && failure === undefined),
    ...addresses,
    async close() {
      ending.abort();
      await Promise.all([...entries.values()].map(({ up: begun }) => begun));
      const stopped = new Map<Entry, Promise<void>>();
      await Promise.all([...entries.values()].map((entry) => stopOnce(entry, stopped)));
      return new Map(
        [...entries.values()].flatMap(({ stage, running }) =>
          running === undefined ? [] : [[stage.id, running.logs] as const],
        ),
      );
    },
  };
}
