import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Diagnostic, diagnostic } from '../../../core/diagnostic.ts';
import type { Failure } from '../../../core/failure.ts';
import { formatImageRef, parseImageRef, throughMirror } from '../../../core/image-ref.ts';
import { type Clock, systemClock } from '../../../io/clock.ts';
import { OUTPUT_LIMIT_BYTES } from '../../judge/judge.ts';
import type {
  AttackRecord,
  Execution,
  ReadyTool,
  Runtime,
  StageInvocation,
  StepReport,
} from '../../ports.ts';
import { GRANTABLE } from '../shared/granted-calls.ts';
import { createDaggerServices, type DaggerServices } from './dagger-services.ts';
import { engineFailure } from './engine-failure.ts';
import { fetchFiles } from './fetch-outputs.ts';
import type { EngineSurroundings } from './find-engine.ts';
import type { ImageFacts } from './image-ability.ts';
import { type FoundFacts, findImageFacts } from './image-facts.ts';
import { notEnforcedFor, onEveryEngine, together } from './not-enforced.ts';
import { type Opened, openSession, type Session } from './open-session.ts';
import { runStep } from './run-step.ts';
import { stageContainer } from './stage-container.ts';

export interface DaggerRuntimeOptions extends EngineSurroundings {
  /** In which tools run that bring no image: `NAME@sha256:…`, or with a tag where it is not pinned. */
  readonly baseImage: string;
  /** Root of the secplan package; absent: no services are started. */
  readonly packageRoot?: string;
  /** Host of the registry that every image is pulled through. */
  readonly registryMirror?: string | undefined;
  /** Told once, when the engine is not available: SP5100; once an image that cannot be made a sandbox: SP5103. */
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

/** The image that a stage runs in. */
interface ImagePlace {
  readonly session: Session;
  readonly image: string;
  readonly facts: ImageFacts;
}

/**
 * Runs stages as containers of a Dagger engine, one session for all of them. The engine is looked for, and the SDK
 * loaded, when the first stage starts: a run that is answered from the cache needs neither.
 */
export function createDaggerRuntime(options: DaggerRuntimeOptions): Runtime {
  return new DaggerRuntime(options);
}

/** Owns the session with the engine until it is closed. */
class DaggerRuntime implements Runtime {
  readonly name = 'dagger';
  readonly notEnforced: readonly string[];
  /** Of processes in the same container only. */
  readonly grants = GRANTABLE;
  readonly stack: DaggerServices | undefined;
  readonly #options: DaggerRuntimeOptions;
  readonly #limits: DaggerLimits;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  readonly #images = new Map<string, Promise<FoundFacts>>();
  #opened: Promise<Opened> | undefined;
  #attacks: AttackRecord | undefined;

  constructor(options: DaggerRuntimeOptions) {
    const { packageRoot, baseImage } = options;
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits };
    this.#clock = options.clock ?? systemClock;
    this.notEnforced = onEveryEngine(options.offline === true);
    const session = () => this.#session();
    const address = (image: string) => this.#address(image);
    this.stack =
      packageRoot === undefined
        ? undefined
        : createDaggerServices({ session, address, baseImage, packageRoot });
  }

  get attacks(): AttackRecord | undefined {
    return this.#attacks;
  }

  surroundings({ image = this.#options.baseImage }: Pick<ReadyTool, 'image'>) {
    return { image, pinned: image.includes('@sha256:') };
  }

  async execute(invocation: StageInvocation): Promise<Execution> {
    const { signal } = invocation;
    if (signal.aborted) return failedBefore({ reason: 'interrupted' });
    const found = await unlessAborted(this.#session(), signal);
    if (found === undefined) return failedBefore({ reason: 'interrupted' });
    if (!found.ok) return failedBefore({ reason: 'engine', detail: `${found.detail}. ${found.fix}` });
    const { session } = found;
    if (session.lost.aborted) return failedBefore(engineFailure(session.lost.reason, 'the session ended'));
    const image = this.#address(invocation.tool.image ?? this.#options.baseImage);
    if (image === undefined) {
      const detail = `${invocation.tool.image} is not an image address`;
      return failedBefore({ reason: 'requirement-unmet', detail });
    }
    const known = await unlessAborted(this.#facts(session, image), signal);
    if (known === undefined) return failedBefore({ reason: 'interrupted' });
    if (!known.ok) return failedBefore(known.failure);
    try {
      return await this.#run({ session, image, facts: known.facts }, invocation);
    } catch (error) {
      if (signal.aborted) return failedBefore({ reason: 'interrupted' });
      return failedBefore(engineFailure(error, 'reading the output of the tool'));
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the run is over'));
    const last = await this.#opened;
    if (last?.ok === true) await last.session.close();
  }

  async #run(place: ImagePlace, invocation: StageInvocation): Promise<Execution> {
    const allowed = this.#withoutNetwork(invocation, place.facts);
    if (allowed === undefined) {
      const detail = '--offline forbids its network, but this image or engine cannot disable it';
      return failedBefore({ reason: 'requirement-unmet', detail });
    }
    const lacking = await lackingInterpreter(place.facts, allowed);
    if (lacking !== undefined) {
      const detail = `${place.image} has no ${lacking}, for which ${allowed.stage.tool} was installed`;
      return failedBefore({ reason: 'requirement-unmet', detail });
    }
    return this.#runSteps(place, allowed);
  }

  async #runSteps({ session, facts }: ImagePlace, invocation: StageInvocation): Promise<Execution> {
    const [limits, clock] = [this.#limits, this.#clock];
    const reports: StepReport[] = [];
    let container = stageContainer(session.client, facts, invocation);
    if (invocation.stage.network === 'stack' && this.stack !== undefined)
      container = this.stack.bound(container);
    const done = (): Execution => ({
      ok: true,
      steps: reports,
      sourceRoot: '/src',
      notEnforced: [...this.notEnforced, ...notEnforcedFor(facts, invocation.stage)],
    });
    for (const step of invocation.tool.provider.steps) {
      const end = await runStep({ session, facts, invocation, container, step, limits, clock });
      if (!end.ok) return { ok: false, steps: reports, failure: end.failure };
      const { exitCode, wallMs } = end;
      reports.push({ step: step.id, exitCode, wallMs, maxRssBytes: null });
      if (end.container === undefined || !Object.hasOwn(step.exits, String(exitCode))) return done();
      container = end.container;
    }
    const failure = await fetchFiles(container, invocation, limits);
    return failure === undefined ? done() : { ok: false, steps: reports, failure };
  }

  /** Under `--offline` a stage reaches nothing but the stack. */
  #withoutNetwork(invocation: StageInvocation, facts: ImageFacts): StageInvocation | undefined {
    const { stage } = invocation;
    if (this.#options.offline !== true || typeof stage.network === 'string') return invocation;
    return facts.enclosure === undefined
      ? undefined
      : { ...invocation, stage: { ...stage, network: 'none' } };
  }

  #session(): Promise<Opened> {
    this.#opened ??= this.#open();
    return this.#opened;
  }

  async #open(): Promise<Opened> {
    const { signal } = this.#closing;
    const outcome = await openSession({ ...this.#options, ...this.#limits, clock: this.#clock, signal });
    if (!outcome.ok && !signal.aborted) {
      this.#options.onDiagnostic?.(
        diagnostic(outcome.code ?? 'SP5100', `no Dagger engine: ${outcome.detail}`, { help: outcome.fix }),
      );
    }
    return outcome;
  }

  #facts(session: Session, image: string): Promise<FoundFacts> {
    const known = this.#images.get(image) ?? this.#findFacts(session, image);
    this.#images.set(image, known);
    return known;
  }

  async #findFacts(session: Session, image: string): Promise<FoundFacts> {
    const address = this.#address(this.#options.baseImage);
    const base = address === undefined || address === image ? undefined : await this.#facts(session, address);
    const around = address === image ? 'itself' : base?.ok === true ? base.facts : undefined;
    const found = await findImageFacts(session, image, around);
    if (found.ok) this.#note(image, found.facts);
    return found;
  }

  /** What was seen of an image, for the statement; and for the terminal, where it is not what a sandbox is. */
  #note(image: string, { enclosure, attacks }: ImageFacts): void {
    this.#attacks = together(this.#attacks, attacks);
    const worked = attacks?.worked ?? [];
    if (enclosure !== undefined && worked.length === 0) return;
    const can = worked.length === 0 ? '' : `; a scanner can ${worked.join(', ')}`;
    this.#options.onDiagnostic?.(diagnostic('SP5103', `scanners in ${image} are not shut in${can}`));
  }

  #address(image: string): string | undefined {
    const ref = parseImageRef(image);
    return ref === undefined ? undefined : formatImageRef(throughMirror(ref, this.#options.registryMirror));
  }
}

function failedBefore(failure: Failure): Execution {
  return { ok: false, steps: [], failure };
}

/** A virtual environment is a link to an interpreter outside of it: the image must have one at the same place. */
async function lackingInterpreter(facts: ImageFacts, { tool }: StageInvocation): Promise<string | undefined> {
  const [tree] = tool.mounts;
  if (tool.image !== undefined || tree === undefined || tool.host?.python === undefined) return undefined;
  const interpreter = linkedTo(join(tree, 'bin', 'python'));
  if (interpreter === undefined || tool.mounts.some((mount) => interpreter.startsWith(`${mount}/`)))
    return undefined;
  return (await facts.image.exists(interpreter)) ? undefined : interpreter;
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
