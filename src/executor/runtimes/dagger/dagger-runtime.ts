import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Diagnostic, diagnostic } from '../../../core/diagnostic.ts';
import type { Failure } from '../../../core/failure.ts';
import { formatImageRef, parseImageRef, throughMirror } from '../../../core/image-ref.ts';
import { type Clock, systemClock } from '../../../io/clock.ts';
import { OUTPUT_LIMIT_BYTES } from '../../judge/judge.ts';
import type { Execution, Runtime, StageInvocation, StepReport } from '../../ports.ts';
import { createDaggerServices } from './dagger-services.ts';
import { engineFailure } from './engine-failure.ts';
import { fetchFiles } from './fetch-outputs.ts';
import type { EngineSurroundings } from './find-engine.ts';
import type { ImageFacts } from './image-ability.ts';
import { type FoundFacts, findImageFacts } from './image-facts.ts';
import { type Opened, openSession, type Session } from './open-session.ts';
import { runStep } from './run-step.ts';
import { stageContainer } from './stage-container.ts';

export interface DaggerRuntimeOptions extends EngineSurroundings {
  /** In which tools run that bring no image of their own: `NAME@sha256:…`, or with a tag where it is not pinned. */
  readonly baseImage: string;
  /** Root of the secplan package; absent: no services are started. */
  readonly packageRoot?: string;
  /** Host of the registry that every image is pulled through. */
  readonly registryMirror?: string | undefined;
  /** Told once, when the engine is not to be had: SP5100. */
  readonly onDiagnostic?: (diagnostic: Diagnostic) => void;
  /** Said of what it cannot keep: images are the engine's to fetch. */
  readonly offline?: boolean;
  readonly clock?: Clock;
  readonly limits?: Partial<DaggerLimits>;
}

/** Bytes and milliseconds. */
export interface DaggerLimits {
  readonly fileBytes: number;
  readonly logBytes: number;
  readonly outputBytes: number;
  /** For the engine's first answer, its own start and the fetching of its image included. */
  readonly connectMs: number;
  /** Between asking a step, or the session, to end and giving up on it. */
  readonly graceMs: number;
  /** Beyond a stage's own time: for queueing, uploads and downloads. */
  readonly silenceMs: number;
}

const LIMITS: DaggerLimits = {
  fileBytes: 2 ** 30,
  logBytes: 64 * 2 ** 20,
  outputBytes: OUTPUT_LIMIT_BYTES,
  connectMs: 300_000,
  graceMs: 10_000,
  silenceMs: 900_000,
};

const NO_CPU_LIMIT = 'CPU share: `resources.cpus` only affects scheduling';
const BY_POLLING = 'memory limit by polling inside the container, not by cgroup';
const UNSUPERVISED =
  'time, memory and file sizes, and the end of an interrupted step: the image has no shell and coreutils';
const NETWORK = 'network: the engine or the image cannot disable it';
const OFFLINE = 'offline: the engine downloads images that it does not have';
const STACK = 'network: a stage that talks to the stack can reach other hosts too';
const EGRESS = 'network: egress is not limited to the hosts that were declared';

/**
 * Runs stages as containers of a Dagger engine, one session for all of them. The engine is looked for, and the SDK
 * loaded, when the first stage starts: a run that is answered from the cache needs neither.
 */
export function createDaggerRuntime(options: DaggerRuntimeOptions): Runtime {
  const limits = { ...LIMITS, ...options.limits };
  const clock = options.clock ?? systemClock;
  const always = [NO_CPU_LIMIT, ...(options.offline === true ? [OFFLINE] : [])];
  const closing = new AbortController();
  const images = new Map<string, Promise<FoundFacts>>();
  let opened: Promise<Opened> | undefined;

  async function session(): Promise<Opened> {
    opened ??= openSession({ ...options, ...limits, clock, signal: closing.signal }).then((outcome) => {
      if (!outcome.ok && !closing.signal.aborted) {
        options.onDiagnostic?.(
          diagnostic(outcome.code ?? 'SP5100', `no Dagger engine: ${outcome.detail}`, { help: outcome.fix }),
        );
      }
      return outcome;
    });
    return opened;
  }

  const { packageRoot, baseImage } = options;
  const services =
    packageRoot === undefined
      ? undefined
      : createDaggerServices({ session, address, baseImage, packageRoot });

  async function execute(invocation: StageInvocation): Promise<Execution> {
    if (invocation.signal.aborted) return failedBefore({ reason: 'interrupted' });
    const found = await unlessAborted(session(), invocation.signal);
    if (found === undefined) return failedBefore({ reason: 'interrupted' });
    if (!found.ok) return failedBefore({ reason: 'engine', detail: `${found.detail}. ${found.fix}` });
    if (found.session.lost.aborted)
      return failedBefore(engineFailure(found.session.lost.reason, 'the session ended'));
    const image = address(invocation.tool.image ?? options.baseImage);
    if (image === undefined)
      return failedBefore({
        reason: 'requirement-unmet',
        detail: `${invocation.tool.image} is not an image address`,
      });
    let facts = images.get(image);
    if (facts === undefined) {
      facts = findImageFacts(found.session, image);
      images.set(image, facts);
    }
    const known = await unlessAborted(facts, invocation.signal);
    if (known === undefined) return failedBefore({ reason: 'interrupted' });
    if (!known.ok) return failedBefore(known.failure);
    try {
      const allowed = withoutNetwork(invocation, known.facts);
      if (allowed === undefined) {
        const detail = '--offline forbids its network, but this image or engine cannot disable it';
        return failedBefore({ reason: 'requirement-unmet', detail });
      }
      return await runSteps(found.session, known.facts, allowed, image);
    } catch (error) {
      if (invocation.signal.aborted) return failedBefore({ reason: 'interrupted' });
      return failedBefore(engineFailure(error, 'reading the output of the tool'));
    }
  }

  /** Under `--offline` a stage reaches nothing but the stack. */
  function withoutNetwork(invocation: StageInvocation, facts: ImageFacts): StageInvocation | undefined {
    const { stage } = invocation;
    if (options.offline !== true || typeof stage.network === 'string') return invocation;
    return facts.cutsNetwork ? { ...invocation, stage: { ...stage, network: 'none' } } : undefined;
  }

  async function runSteps(
    open: Session,
    facts: ImageFacts,
    invocation: StageInvocation,
    image: string,
  ): Promise<Execution> {
    const reports: StepReport[] = [];
    const lacking = await lackingInterpreter(facts, invocation);
    if (lacking !== undefined) {
      const detail = `${image} has no ${lacking}, for which ${invocation.stage.tool} was installed`;
      return failedBefore({ reason: 'requirement-unmet', detail });
    }
    let container = stageContainer(open.client, facts, invocation);
    if (invocation.stage.network === 'stack' && services !== undefined) container = services.bound(container);
    for (const step of invocation.tool.provider.steps) {
      const end = await runStep({ session: open, facts, invocation, container, step, limits, clock });
      if (!end.ok) return { ok: false, steps: reports, failure: end.failure };
      const { exitCode, wallMs } = end;
      reports.push({ step: step.id, exitCode, wallMs, maxRssBytes: null });
      if (end.container === undefined || !Object.hasOwn(step.exits, String(exitCode))) {
        return {
          ok: true,
          steps: reports,
          sourceRoot: '/src',
          notEnforced: notEnforced(always, facts, invocation),
        };
      }
      container = end.container;
    }
    const failure = await fetchFiles(container, invocation, limits);
    if (failure !== undefined) return { ok: false, steps: reports, failure };
    return {
      ok: true,
      steps: reports,
      sourceRoot: '/src',
      notEnforced: notEnforced(always, facts, invocation),
    };
  }

  function address(image: string): string | undefined {
    const ref = parseImageRef(image);
    return ref === undefined ? undefined : formatImageRef(throughMirror(ref, options.registryMirror));
  }

  async function close(): Promise<void> {
    closing.abort(new Error('the run is over'));
    const last = await opened;
    if (last?.ok === true) await last.session.close();
  }

  const base = { image: options.baseImage, pinned: options.baseImage.includes('@sha256:') };
  return {
    name: 'dagger',
    notEnforced: always,
    ...(services === undefined ? {} : { stack: services }),
    execute,
    close,
    surroundings: ({ image }) => (image === undefined ? base : { image, pinned: image.includes('@sha256:') }),
  };
}

function failedBefore(failure: Failure): Execution {
  return { ok: false, steps: [], failure };
}

function notEnforced(always: readonly string[], facts: ImageFacts, { stage }: StageInvocation): string[] {
  return [
    ...always,
    facts.supervise ? BY_POLLING : UNSUPERVISED,
    ...(stage.network === 'none' && !facts.cutsNetwork ? [NETWORK] : []),
    ...(typeof stage.network === 'object' ? [EGRESS] : []),
    ...(stage.network === 'stack' ? [STACK] : []),
  ];
}

/** A virtual environment is a link to an interpreter outside of it: the image must have one at the same place. */
async function lackingInterpreter(facts: ImageFacts, { tool }: StageInvocation): Promise<string | undefined> {
  const [tree] = tool.mounts;
  if (tool.image !== undefined || tree === undefined || tool.host?.python === undefined) return undefined;
  const interpreter = linkedTo(join(tree, 'bin', 'python'));
  if (interpreter === undefined || tool.mounts.some((mount) => interpreter.startsWith(`${mount}/`)))
    return undefined;
  return (await facts.base.exists(interpreter)) ? undefined : interpreter;
}

function linkedTo(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return undefined;
  let onAbort = () => {};
  const aborted = new Promise<undefined>((resolve) => {
    onAbort = () => resolve(undefined);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
