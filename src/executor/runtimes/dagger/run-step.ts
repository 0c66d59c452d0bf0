import type { Container } from '@dagger.io/dagger';
import { digestOfJson } from '../../../core/canonical.ts';
import type { Failure } from '../../../core/failure.ts';
import type { Result } from '../../../core/result.ts';
import type { Clock } from '../../../io/clock.ts';
import type { Step } from '../../../stages/contract/command.ts';
import type { StageInvocation } from '../../ports.ts';
import { resolveStep, sandboxPlaces } from '../shared/resolve-argv.ts';
import { type ExecEnd, engineFailure, execEnd } from './engine-failure.ts';
import { fetchStreams, keepStreams, type OutputLimits } from './fetch-outputs.ts';
import type { ImageFacts } from './image-ability.ts';
import { ANY } from './image-facts.ts';
import type { Session } from './open-session.ts';
import { seeStep } from './see-step.ts';
import { CANCEL, STREAMS, withStepEnv } from './stage-container.ts';
import { confined, readEnd, STEPS_A_PROCESSOR, SUPERVISED, supervised } from './supervise.ts';

export interface StepRun {
  readonly session: Session;
  readonly facts: ImageFacts;
  readonly invocation: StageInvocation;
  readonly container: Container;
  readonly step: Step;
  readonly limits: OutputLimits & {
    readonly fileBytes: number;
    readonly graceMs: number;
    readonly silenceMs: number;
  };
  readonly clock: Clock;
}

/** `container` is what the step left; absent where its code is none that it declares. */
export type StepEnd = Result<
  { readonly exitCode: number; readonly wallMs: number; readonly container?: Container },
  { readonly failure: Failure }
>;

const NOT_STARTED: ReadonlySet<number> = new Set([126, 127]);
/** SIGXFSZ: a file grew over its limit. */
const FILE_TOO_LARGE = 128 + 25;

/** Runs one step in the stage's container and brings its streams out. Never throws for what engine or tool do. */
export async function runStep(run: StepRun): Promise<StepEnd> {
  const { clock, invocation, step, limits } = run;
  const startedAt = clock.now();
  try {
    const entrypoint = await entrypointOf(run);
    if (step.entrypoint === true && entrypoint.length + step.argv.length === 0)
      return { ok: false, failure: NO_ENTRYPOINT };
    const after = withStep(run, entrypoint);
    const seen = await settled(run, seeStep(run.session, after, step.id));
    const { container, exitCode } = seen;
    const wallMs = clock.now() - startedAt;
    const failure = await fetchStreams(seen, step, invocation, limits);
    if (failure !== undefined) return { ok: false, failure };
    if (NOT_STARTED.has(exitCode) && !Object.hasOwn(step.exits, String(exitCode)))
      return { ok: false, failure: NO_START };
    return { ok: true, exitCode, wallMs, container };
  } catch (error) {
    if (invocation.signal.aborted) return { ok: false, failure: { reason: 'interrupted' } };
    const end = execEnd(error);
    if (end === undefined) return { ok: false, failure: engineFailure(error, `running ${step.id}`) };
    return failedStep(run, end, clock.now() - startedAt);
  }
}

const NO_START: Failure = { reason: 'spawn-failed', detail: 'the program could not be started; see its log' };

/** What the image itself starts, and its default arguments where the step has none; empty for all other steps. */
async function entrypointOf({ facts: { base }, step }: StepRun): Promise<readonly string[]> {
  if (step.entrypoint !== true) return [];
  const [own, given] = await Promise.all([base.entrypoint(), base.defaultArgs()]);
  return step.argv.length === 0 ? [...own, ...given] : own;
}

const NO_ENTRYPOINT: Failure = {
  reason: 'spawn-failed',
  detail: 'the image has no entry point and the stage no command',
};

function withStep(
  { session, facts, invocation, container, step, limits }: StepRun,
  entrypoint: readonly string[],
): Container {
  const { stage, tool, secrets } = invocation;
  const resolved = resolveStep(step, { ...invocation, secrets: {} }, sandboxPlaces(invocation));
  const { env } = resolved;
  const argv = [...entrypoint, ...resolved.argv];
  // An image knows where its own programs lie; a tool that is mounted brings its PATH along.
  const { PATH, ...rest } = env;
  const ownPath = tool.image === undefined || tool.env.PATH !== undefined || step.env?.PATH !== undefined;
  const nonce = cacheable(invocation) ? '' : crypto.randomUUID();
  const shown = withStepEnv(session.client, container, ownPath && PATH !== undefined ? env : rest, secrets);
  const streams = `${STREAMS}/${step.id}`;
  if (!facts.supervise) {
    const once = nonce === '' ? shown : shown.withEnvVariable('SECPLAN_ONCE', nonce);
    return once.withExec([...argv], {
      ...ANY,
      redirectStdout: `${streams}.stdout`,
      redirectStderr: `${streams}.stderr`,
    });
  }
  const cut = stage.network === 'none' && facts.cutsNetwork;
  const command = supervised({
    timeoutMs: stage.timeoutMs,
    memoryBytes: stage.resources.memoryMb * 2 ** 20,
    fileBytes: limits.fileBytes,
    cancelMarker: `${CANCEL}/${markerOf(invocation)}`,
    streams,
    exits: Object.keys(step.exits),
    nonce,
    command: facts.setpriv ? confined(argv, cut) : argv,
  });
  return shown.withExec(command, { ...ANY, ...(cut ? { insecureRootCapabilities: true } : {}) });
}

/**
 * What depends on values or answers that are in no key must not come out of the engine's cache either. All else is in
 * the engine's: it knows images and mounts by content, those of a tool that is not pinned as well.
 */
function cacheable({ stage }: StageInvocation): boolean {
  return stage.network === 'none' && stage.secrets.length === 0;
}

function markerOf({ stage, tool, input }: StageInvocation): string {
  return digestOfJson({ stage: stage.id, tool: tool.digest, input: input?.digest ?? null }).slice(
    'sha256:'.length,
  );
}

/**
 * Waits for the engine. When the run is interrupted the step is ended by its marker: giving up on the answer would not
 * stop it, nor would the end of the session.
 */
async function settled<T>(run: StepRun, asked: Promise<T>): Promise<T> {
  const { clock, invocation, limits, session } = run;
  const { signal, stage } = invocation;
  let cancelSilence = () => {};
  let cancelGrace = () => {};
  let cancelMark = () => {};
  let onAbort = () => {};
  const given = new Promise<never>((_, reject) => {
    // Before it starts a step may wait for as many others as are sent at a time to each processor.
    cancelSilence = clock.after(STEPS_A_PROCESSOR * stage.timeoutMs + limits.silenceMs, () =>
      reject(new Error(`no answer ${limits.silenceMs / 1000} s after the time limit of the step`)),
    );
    // Again and again: a marker that is older than the step's own start says nothing to it.
    const mark = () => {
      void endStep(run);
      cancelMark = clock.after(limits.graceMs / 4, mark);
    };
    onAbort = () => {
      mark();
      cancelGrace = clock.after(limits.graceMs, () => reject(new Error('interrupted')));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    session.lost.addEventListener('abort', () => reject(session.lost.reason), { once: true });
  });
  asked.catch(() => {});
  try {
    return await Promise.race([asked, given]);
  } finally {
    given.catch(() => {});
    cancelSilence();
    cancelGrace();
    cancelMark();
    signal.removeEventListener('abort', onAbort);
  }
}

/** Leaves the marker for which the step's supervisor looks; and takes away those of a day ago. */
async function endStep({ session, facts, invocation }: StepRun): Promise<void> {
  if (!facts.supervise) return;
  const script = `find ${CANCEL} -type f ! -name "slot-*" -mmin +1440 -delete; : >"${CANCEL}/$1"`;
  await facts.base
    .withMountedCache(CANCEL, session.client.cacheVolume('secplan-cancel'))
    .withExec(['sh', '-c', script, 'secplan', markerOf(invocation), crypto.randomUUID()], ANY)
    .sync()
    .catch(() => undefined);
}

async function failedStep(run: StepRun, end: ExecEnd, wallMs: number): Promise<StepEnd> {
  const { invocation, step, limits } = run;
  const { code, stderr } = readEnd(end.stderr);
  await keepStreams(step, { stdout: end.stdout, stderr }, invocation, limits);
  const { stage } = invocation;
  if (run.facts.supervise) {
    switch (end.exitCode) {
      case SUPERVISED.timeout:
        return { ok: false, failure: { reason: 'timeout', limitMs: stage.timeoutMs } };
      case SUPERVISED.memory:
        return { ok: false, failure: { reason: 'memory', limitBytes: stage.resources.memoryMb * 2 ** 20 } };
      case SUPERVISED.interrupted:
        // Another run of the same stage was interrupted, and the engine runs equal steps once.
        return { ok: false, failure: { reason: 'signal', step: step.id, signal: 'SIGKILL' } };
      case FILE_TOO_LARGE: {
        const output = stage.outputSpecs[0]?.name ?? 'output';
        return { ok: false, failure: { reason: 'output-too-large', output, limitBytes: limits.fileBytes } };
      }
    }
  }
  const exitCode = end.exitCode === SUPERVISED.undeclared ? (code ?? end.exitCode) : end.exitCode;
  return NOT_STARTED.has(exitCode) ? { ok: false, failure: NO_START } : { ok: true, exitCode, wallMs };
}
