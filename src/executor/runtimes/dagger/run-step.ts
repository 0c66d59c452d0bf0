import type { Container } from '@dagger.io/dagger';
import { digestOfJson } from '../../../core/canonical.ts';
import type { Failure } from '../../../core/failure.ts';
import type { Result } from '../../../core/result.ts';
import type { Clock } from '../../../io/clock.ts';
import type { Step } from '../../../stages/contract/command.ts';
import type { StageInvocation } from '../../ports.ts';
import { limitsFor } from '../shared/held-limits.ts';
import { resolveStep, sandboxPlaces } from '../shared/resolve-argv.ts';
import { enclosed } from './enclose.ts';
import { type ExecEnd, engineFailure, execEnd } from './engine-failure.ts';
import { fetchStreams, keepStreams, type OutputLimits } from './fetch-outputs.ts';
import type { ImageFacts } from './image-ability.ts';
import { ANY, BOUND } from './image-facts.ts';
import type { Session } from './open-session.ts';
import { CANCEL, STREAMS } from './places.ts';
import { seeStep } from './see-step.ts';
import { withSecrets, withVariables } from './stage-container.ts';
import {
  readEnd,
  STEP_LIMITS,
  STEPS_A_PROCESSOR,
  SUPERVISED,
  type Supervision,
  supervised,
} from './supervise.ts';
import { supervisedFailure } from './supervised-failure.ts';

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
async function entrypointOf({ facts: { image }, step }: StepRun): Promise<readonly string[]> {
  if (step.entrypoint !== true) return [];
  const [own, given] = await Promise.all([image.entrypoint(), image.defaultArgs()]);
  return step.argv.length === 0 ? [...own, ...given] : own;
}

const NO_ENTRYPOINT: Failure = {
  reason: 'spawn-failed',
  detail: 'the image has no entry point and the stage no command',
};

function withStep(run: StepRun, entrypoint: readonly string[]): Container {
  const { session, facts, invocation, step } = run;
  const { stage, tool, secrets } = invocation;
  const resolved = resolveStep(step, { ...invocation, secrets: {} }, sandboxPlaces(invocation));
  const argv = [...entrypoint, ...resolved.argv];
  // An image knows where its own programs lie; a tool that is mounted brings its PATH along.
  const { PATH, ...rest } = resolved.env;
  const ownPath = tool.image === undefined || tool.env.PATH !== undefined || step.env?.PATH !== undefined;
  const env = ownPath && PATH !== undefined ? resolved.env : rest;
  const nonce = cacheable(invocation) ? '' : crypto.randomUUID();
  const container = withSecrets(session.client, run.container, facts, secrets);
  const supervise = (command: readonly string[]) => supervised(supervisionOf(run, nonce), command);
  if (facts.enclosure !== undefined) {
    const cut = stage.network === 'none';
    const command = enclosed(facts.enclosure, { cut, env, command: argv, supervise });
    return container.withExec(command, { ...ANY, insecureRootCapabilities: true });
  }
  const shown = withVariables(container, env);
  if (facts.supervise)
    return shown.withExec(supervise(facts.setpriv ? [...BOUND, ...argv] : argv), { ...ANY });
  const streams = `${STREAMS}/${step.id}`;
  const redirected = { redirectStdout: `${streams}.stdout`, redirectStderr: `${streams}.stderr` };
  const once = nonce === '' ? shown : shown.withEnvVariable('SECPLAN_ONCE', nonce);
  return once.withExec(argv, { ...ANY, ...redirected });
}

function supervisionOf({ invocation, step, limits }: StepRun, nonce: string): Supervision {
  const { stage } = invocation;
  return {
    timeoutMs: stage.timeoutMs,
    memoryBytes: stage.resources.memoryMb * 2 ** 20,
    limits: limitsFor(stage.resources, { ...STEP_LIMITS, fileBytes: limits.fileBytes }),
    cancelMarker: `${CANCEL}/${markerOf(invocation)}`,
    streams: `${STREAMS}/${step.id}`,
    exits: Object.keys(step.exits),
    nonce,
  };
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
  await facts.programs
    .withMountedCache(CANCEL, session.client.cacheVolume('secplan-cancel'))
    .withExec(['sh', '-c', script, 'secplan', markerOf(invocation), crypto.randomUUID()], ANY)
    .sync()
    .catch(() => undefined);
}

async function failedStep(run: StepRun, end: ExecEnd, wallMs: number): Promise<StepEnd> {
  const { invocation, step, limits } = run;
  const { code, stderr } = readEnd(end.stderr);
  await keepStreams(step, { stdout: end.stdout, stderr }, invocation, limits);
  const failure = run.facts.supervise ? supervisedFailure(end.exitCode, run) : undefined;
  if (failure !== undefined) return { ok: false, failure };
  const exitCode = end.exitCode === SUPERVISED.undeclared ? (code ?? end.exitCode) : end.exitCode;
  return NOT_STARTED.has(exitCode) ? { ok: false, failure: NO_START } : { ok: true, exitCode, wallMs };
}
