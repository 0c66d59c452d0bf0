import { availableParallelism } from 'node:os';
import type { Failure } from '../../../core/failure.ts';
import type { Clock } from '../../../io/clock.ts';
import type { Step } from '../../../stages/contract/command.ts';
import type { Execution, StageInvocation, StepReport } from '../../ports.ts';
import { hostPlaces, type Places, resolveStep, sandboxPlaces } from '../shared/resolve-argv.ts';
import { fileAtLimit } from './file-at-limit.ts';
import type { StageNetwork } from './network/stage-network.ts';
import type { LocalLimits } from './sandbox/local-limits.ts';
import { type ProcessEnd, type ProcessRequest, runProcess } from './sandbox/run-process.ts';
import { stageSandboxArgv } from './sandbox/sandbox-argv.ts';
import type { StageCgroup } from './sandbox/stage-cgroup.ts';
import type { OpenSandbox } from './sandbox/working-sandbox.ts';

/** One stage and what it has for itself while its steps run. */
interface StagePlace {
  readonly invocation: StageInvocation;
  /** Undefined: its steps are processes of the host, by the user's wish. */
  readonly inside: OpenSandbox | undefined;
  /** Folder that its steps share as /tmp; undefined where a single step has one in memory. */
  readonly scratch: string | undefined;
  readonly cgroup: StageCgroup | undefined;
  readonly network: StageNetwork | undefined;
}

/** What all stages of a runtime have in common. */
interface Machine {
  readonly limits: LocalLimits;
  readonly clock: Clock;
  /** Absolute; undefined where it is not installed. */
  readonly prlimit: string | undefined;
  readonly tempDir: string;
}

/** Runs a stage's steps one after the other, until one ends with an exit code that was not declared. */
export async function runSteps(place: StagePlace, machine: Machine): Promise<Execution> {
  const { invocation, inside, scratch } = place;
  const { clock, limits, tempDir } = machine;
  const reports: StepReport[] = [];
  const startedAt = clock.now();
  const places =
    inside === undefined ? hostPlaces(invocation, scratch ?? tempDir) : sandboxPlaces(invocation);
  for (const step of invocation.tool.provider.steps) {
    const left = invocation.stage.timeoutMs - (clock.now() - startedAt);
    const process = stepProcess(step, places, place, machine);
    const end = await runProcess({ ...process, timeoutMs: Math.max(1, left) });
    const failure = stepFailure(invocation, end, limits.fileBytes);
    if (failure !== undefined) return { ok: false, steps: reports, failure };
    if (!end.ok) continue;
    const { exitCode, wallMs, maxRssBytes } = end;
    reports.push({ step: step.id, exitCode, wallMs, maxRssBytes });
    if (!Object.hasOwn(step.exits, String(exitCode))) break;
  }
  return { ok: true, steps: reports, sourceRoot: places.source };
}

/** How much memory a stage may use. Bytes. */
export function memoryBytes({ stage }: StageInvocation): number {
  return stage.resources.memoryMb * 2 ** 20;
}

function stepProcess(
  step: Step,
  places: Places,
  place: StagePlace,
  { limits, clock, prlimit }: Machine,
): Omit<ProcessRequest, 'timeoutMs'> {
  const { invocation, inside, cgroup, scratch } = place;
  const { argv, env } = resolveStep(step, invocation, places);
  const [program = '', ...rest] = [
    ...(cgroup?.enter ?? []),
    ...(inside === undefined ? limiter(invocation, prlimit, limits) : wrapper(inside, place)),
    ...argv,
  ];
  const mark = inside === undefined ? `${process.pid}.${crypto.randomUUID()}` : undefined;
  return {
    step: step.id,
    program,
    argv: rest,
    env: mark === undefined ? env : { ...env, [MARK]: mark },
    cwd: inside === undefined ? invocation.sourceDir : '/',
    sandboxed: inside !== undefined,
    ...(inside === undefined ? {} : { descriptors: inside.descriptors }),
    ...(mark === undefined ? {} : { marker: `${MARK}=${mark}` }),
    logDir: invocation.logDir,
    redactor: invocation.redactor,
    memoryBytes: memoryBytes(invocation),
    ...(cgroup === undefined ? {} : { cgroup }),
    processes: limits.processes,
    folders: [
      { name: '/out', path: invocation.outDir, ...limits.out },
      ...(scratch === undefined ? [] : [{ name: '/tmp', path: scratch, ...limits.scratch } as const]),
    ],
    streams: { stdout: streamLimit(step.stdout, limits), stderr: streamLimit(step.stderr, limits) },
    graceMs: limits.graceMs,
    pollMs: limits.pollMs,
    signal: invocation.signal,
    clock,
  };
}

/** In the environment of what runs without a sandbox: its strays are found by it. */
const MARK = 'SECPLAN_STAGE';

function wrapper(inside: OpenSandbox, { invocation, scratch, network }: StagePlace): readonly string[] {
  const tmp =
    scratch === undefined
      ? inside.tmp(Math.max(2 ** 30, memoryBytes(invocation)))
      : ['--bind', scratch, '/tmp'];
  const mounts = [...stageSandboxArgv(invocation, tmp), ...(network?.sandboxArgv ?? [])];
  return [...inside.enter(network?.enter ?? []), ...inside.argv(mounts)];
}

function limiter(invocation: StageInvocation, prlimit: string | undefined, limits: LocalLimits): string[] {
  return prlimit === undefined ? [] : [prlimit, ...processLimits(invocation, limits), '--'];
}

/** Arguments of `prlimit`. */
export function processLimits(
  { stage }: StageInvocation,
  { fileBytes }: Pick<LocalLimits, 'fileBytes'>,
): readonly string[] {
  // Processor time is a backstop for processes that outlive every other limit: never the tighter one.
  const cpuSeconds = Math.ceil((stage.timeoutMs / 1000) * availableParallelism()) + 10;
  return [`--fsize=${fileBytes}`, '--core=0', `--cpu=${cpuSeconds}`];
}

function streamLimit(output: string | undefined, { logBytes, outputBytes }: LocalLimits) {
  return output === undefined ? { limitBytes: logBytes } : { limitBytes: outputBytes, output };
}

function stepFailure(invocation: StageInvocation, end: ProcessEnd, fileBytes: number): Failure | undefined {
  if (!end.ok && end.failure.reason === 'timeout') {
    return { reason: 'timeout', limitMs: invocation.stage.timeoutMs };
  }
  if (!end.ok && end.failure.reason !== 'signal' && end.failure.reason !== 'spawn-failed') return end.failure;
  const full = fileAtLimit(invocation, fileBytes);
  if (full !== undefined) return { reason: 'output-too-large', output: full, limitBytes: fileBytes };
  return end.ok ? undefined : end.failure;
}
