import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Diagnostic, diagnostic } from '../../../core/diagnostic.ts';
import type { Failure } from '../../../core/failure.ts';
import { type Clock, systemClock } from '../../../io/clock.ts';
import type { Step } from '../../../stages/contract/command.ts';
import { OUTPUT_LIMIT_BYTES } from '../../judge/judge.ts';
import type { Execution, Runtime, StageInvocation, StepReport } from '../../ports.ts';
import { hostPlaces, resolveStep, sandboxPlaces } from '../shared/resolve-argv.ts';
import { fileAtLimit } from './file-at-limit.ts';
import type { Connector } from './network/dial.ts';
import type { StageNetwork, StageNetworks } from './network/stage-network.ts';
import { type CgroupPlace, findMemoryCgroups, type StageCgroup } from './sandbox/memory-cgroup.ts';
import { probeSandbox, type SandboxProbe, systemProgram } from './sandbox/probe-sandbox.ts';
import { type ProcessEnd, runProcess } from './sandbox/run-process.ts';
import { stageSandboxArgv } from './sandbox/sandbox-argv.ts';
import { createLocalServices } from './services/local-services.ts';
import { startFailure } from './start-failure.ts';

export interface LocalRuntimeOptions {
  readonly sandbox: 'bubblewrap' | 'none';
  /** Another bubblewrap than the system's; absolute. */
  readonly bwrap?: string;
  /** Told once, when the first stage starts: SP5001, SP5002 or SP5009; SP5120 or SP5121 with the first that has a network. */
  readonly onDiagnostic?: (diagnostic: Diagnostic) => void;
  readonly clock?: Clock;
  /** Folder for its temporary files, which a killed run leaves behind; absent: the system's. */
  readonly tempDir?: string;
  /** Where to look for cgroups; absent: where this system has them. */
  readonly cgroups?: CgroupPlace;
  readonly limits?: Partial<LocalLimits>;
  /** Root of the secplan package; without it no services are started. Absolute. */
  readonly packageRoot?: string;
  /** No stage reaches a host but the stack's. */
  readonly offline?: boolean;
  /** How allowed hosts are reached; another in tests. */
  readonly connector?: Connector;
}

/** Bytes and milliseconds. */
export interface LocalLimits {
  /** The largest file a tool may write. */
  readonly fileBytes: number;
  /** How much of a stream that is no output is kept. */
  readonly logBytes: number;
  /** How much of a stream that is an output is taken; more is a failure. */
  readonly outputBytes: number;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  readonly pollMs: number;
}

const LIMITS: LocalLimits = {
  fileBytes: 2 ** 30,
  logBytes: 64 * 2 ** 20,
  outputBytes: OUTPUT_LIMIT_BYTES,
  graceMs: 2000,
  pollMs: 200,
};
const NO_SANDBOX = [
  'no sandbox: the tool can reach all files, the network and all processes of the machine',
  'end of processes: if secplan is killed, a running tool continues',
];
const BY_POLLING = 'memory limit by polling, not by cgroup';
const NO_CPU_LIMIT = 'CPU share: `resources.cpus` only affects scheduling';

/**
 * Runs stages as processes of this machine, in bubblewrap or, where the user said so, without. The sandbox is
 * tried when the first stage starts, so a run that needs no tool needs no sandbox.
 */
export function createLocalRuntime(options: LocalRuntimeOptions): Runtime {
  const limits = { ...LIMITS, ...options.limits };
  const clock = options.clock ?? systemClock;
  const prlimit = systemProgram('prlimit');
  const cgroups = findMemoryCgroups(options.cgroups);
  const tempDir = options.tempDir ?? tmpdir();
  const notEnforced = [
    ...(options.sandbox === 'none' ? NO_SANDBOX : []),
    ...(cgroups === undefined ? [BY_POLLING] : []),
    NO_CPU_LIMIT,
    ...(prlimit === undefined ? ['size of files a tool writes: prlimit is missing'] : []),
  ];
  let probe: Promise<SandboxProbe> | undefined;
  let networks: StageNetworks | undefined;
  const said = new Set<string>();

  async function sandbox(): Promise<SandboxProbe | undefined> {
    if (options.sandbox === 'none') return undefined;
    probe ??= probeSandbox(options.bwrap, tempDir);
    return probe;
  }

  function announce(probed: SandboxProbe | undefined): void {
    if (probed?.ok === false) {
      const full = probed.full === true;
      sayOnce(full ? 'SP5002' : 'SP5001', full ? probed.detail : `no working sandbox: ${probed.detail}`);
    } else if (cgroups === undefined) {
      sayOnce('SP5009', 'no cgroup v2: memory limits are enforced by polling');
    }
  }

  function sayOnce(
    code: 'SP5001' | 'SP5002' | 'SP5009' | 'SP5120' | 'SP5121' | 'SP5131',
    summary: string,
  ): void {
    if (said.has(code)) return;
    said.add(code);
    options.onDiagnostic?.(diagnostic(code, summary));
  }

  /** Undefined for a stage that gets none of its own: its sandbox has an empty one, or there is no sandbox. */
  async function stageNetwork(
    invocation: StageInvocation,
    probed: SandboxProbe | undefined,
  ): Promise<StageNetwork | Failure | undefined> {
    if (invocation.stage.network === 'none') return undefined;
    // Few runs have such a stage: the others need not read what makes its network.
    const { createStageNetworks, stageNetworkSpec } = await import('./network/stage-network.ts');
    const spec = stageNetworkSpec(invocation, options.offline === true);
    if ('reason' in spec) return spec;
    if (probed?.ok !== true) {
      sayOnce('SP5120', `${invocation.stage.id} can reach every host that this machine can reach`);
      return undefined;
    }
    try {
      networks ??= createStageNetworks(probed.sandbox, tempDir, options.connector);
      return await networks.lease(spec, invocation);
    } catch (error) {
      const detail = `no private network: ${error instanceof Error ? error.message : String(error)}`;
      sayOnce('SP5121', detail);
      return { reason: 'sandbox-unavailable', detail };
    }
  }

  const services =
    options.packageRoot &&
    createLocalServices({
      clock,
      sandbox,
      isPrivate: options.sandbox !== 'none',
      tempDir,
      packageRoot: options.packageRoot,
      onHost: () => sayOnce('SP5131', 'services listen on the loopback address of this machine'),
    });

  async function execute(invocation: StageInvocation): Promise<Execution> {
    const probed = await sandbox();
    announce(probed);
    if (probed?.ok === false) {
      const reason = probed.full === true ? 'disk-full' : 'sandbox-unavailable';
      return failedBefore({ reason, detail: probed.detail });
    }
    const network = await stageNetwork(invocation, probed);
    if (network !== undefined && 'reason' in network) return failedBefore(network);
    const { steps } = invocation.tool.provider;
    let scratch: string | undefined;
    let cgroup: StageCgroup | undefined;
    try {
      cgroup = cgroups?.open(memoryBytes(invocation));
      // One step has a /tmp in memory; several share a folder, since each is a sandbox of its own.
      if (probed === undefined || steps.length > 1) {
        scratch = mkdtempSync(join(tempDir, 'secplan-tmp-'));
        mkdirSync(join(scratch, 'home'));
      }
      const execution = await runSteps(invocation, steps, probed, scratch, cgroup, network);
      return network?.finish(execution) ?? execution;
    } catch (error) {
      return failedBefore(startFailure(error));
    } finally {
      network?.release();
      await cgroup?.remove();
      if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  async function runSteps(
    invocation: StageInvocation,
    steps: readonly Step[],
    probed: SandboxProbe | undefined,
    scratch: string | undefined,
    cgroup: StageCgroup | undefined,
    network: StageNetwork | undefined,
  ): Promise<Execution> {
    const reports: StepReport[] = [];
    const startedAt = clock.now();
    const sandboxed = probed?.ok === true;
    const places = sandboxed ? sandboxPlaces(invocation) : hostPlaces(invocation, scratch ?? tempDir);
    for (const step of steps) {
      const left = invocation.stage.timeoutMs - (clock.now() - startedAt);
      const resolved = resolveStep(step, invocation, places);
      const wrapper = sandboxed
        ? [
            ...(network?.enter ?? []),
            probed.sandbox.bwrap,
            ...probed.sandbox.baseArgv,
            ...stageSandboxArgv(invocation, scratch, tmpBytes(invocation)),
            ...(network?.sandboxArgv ?? []),
            '--json-status-fd',
            '3',
            '--',
          ]
        : [];
      const [program = '', ...argv] = [
        ...(cgroup?.enter ?? []),
        ...limiter(invocation),
        ...wrapper,
        ...resolved.argv,
      ];
      const mark = sandboxed
        ? undefined
        : { name: 'SECPLAN_STAGE', value: `${process.pid}.${crypto.randomUUID()}` };
      const end = await runProcess({
        step: step.id,
        program,
        argv,
        env: mark === undefined ? resolved.env : { ...resolved.env, [mark.name]: mark.value },
        cwd: sandboxed ? '/' : invocation.sourceDir,
        sandboxed,
        ...(mark === undefined ? {} : { marker: `${mark.name}=${mark.value}` }),
        logDir: invocation.logDir,
        redactor: invocation.redactor,
        timeoutMs: Math.max(1, left),
        memoryBytes: memoryBytes(invocation),
        ...(cgroup === undefined ? {} : { cgroup }),
        streams: { stdout: streamLimit(step.stdout), stderr: streamLimit(step.stderr) },
        graceMs: limits.graceMs,
        pollMs: limits.pollMs,
        signal: invocation.signal,
        clock,
      });
      const failure = stepFailure(invocation, end);
      if (failure !== undefined) return { ok: false, steps: reports, failure };
      if (!end.ok) continue;
      reports.push({
        step: step.id,
        exitCode: end.exitCode,
        wallMs: end.wallMs,
        maxRssBytes: end.maxRssBytes,
      });
      if (!Object.hasOwn(step.exits, String(end.exitCode))) break;
    }
    return { ok: true, steps: reports, sourceRoot: places.source };
  }

  function limiter(invocation: StageInvocation): string[] {
    if (prlimit === undefined) return [];
    // Processor time is a backstop for processes that outlive every other limit: never the tighter one.
    const cpuSeconds = Math.ceil((invocation.stage.timeoutMs / 1000) * availableParallelism()) + 10;
    return [prlimit, `--fsize=${limits.fileBytes}`, '--core=0', `--cpu=${cpuSeconds}`, '--'];
  }

  function streamLimit(output: string | undefined) {
    return output === undefined
      ? { limitBytes: limits.logBytes }
      : { limitBytes: limits.outputBytes, output };
  }

  function stepFailure(invocation: StageInvocation, end: ProcessEnd): Failure | undefined {
    if (!end.ok && end.failure.reason === 'timeout') {
      return { reason: 'timeout', limitMs: invocation.stage.timeoutMs };
    }
    if (!end.ok && end.failure.reason !== 'signal' && end.failure.reason !== 'spawn-failed')
      return end.failure;
    const full = fileAtLimit(invocation, limits.fileBytes);
    if (full !== undefined) return { reason: 'output-too-large', output: full, limitBytes: limits.fileBytes };
    return end.ok ? undefined : end.failure;
  }

  async function close(): Promise<void> {
    if (services) services.close();
    networks?.close();
    const probed = await probe;
    if (probed?.ok === true) probed.sandbox.dispose();
  }

  return {
    name: 'local',
    notEnforced,
    ...(services ? { stack: services } : {}),
    execute,
    close,
  };
}

function failedBefore(failure: Failure): Execution {
  return { ok: false, steps: [], failure };
}

function memoryBytes({ stage }: StageInvocation): number {
  return stage.resources.memoryMb * 2 ** 20;
}

function tmpBytes(invocation: StageInvocation): number {
  return Math.max(2 ** 30, memoryBytes(invocation));
}
