import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Diagnostic, diagnostic } from '../../../core/diagnostic.ts';
import type { Failure } from '../../../core/failure.ts';
import { type Clock, systemClock } from '../../../io/clock.ts';
import type { AttackRecord, Execution, Runtime, StageInvocation } from '../../ports.ts';
import { GRANTABLE } from '../shared/granted-calls.ts';
import { limitsFor } from '../shared/held-limits.ts';
import type { Connector } from './network/dial.ts';
import type { StageNetwork, StageNetworks } from './network/stage-network.ts';
import { memoryBytes, processLimits, runSteps } from './run-steps.ts';
import { LOCAL_LIMITS, type LocalLimits } from './sandbox/local-limits.ts';
import { probeSandbox, type SandboxProbe, systemProgram } from './sandbox/probe-sandbox.ts';
import { stagePaths } from './sandbox/sandbox-argv.ts';
import {
  type CgroupPlace,
  findStageCgroups,
  type StageCgroup,
  type StageCgroups,
} from './sandbox/stage-cgroup.ts';
import type { OpenSandbox, WorkingSandbox } from './sandbox/working-sandbox.ts';
import { createLocalServices, type LocalServices } from './services/local-services.ts';
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
  return new LocalRuntime(options);
}

type DiagnosticCode = 'SP5001' | 'SP5002' | 'SP5009' | 'SP5120' | 'SP5121' | 'SP5131';

/** Owns the sandbox's files, the networks and the services that its stages had, until it is closed. */
class LocalRuntime implements Runtime {
  readonly name = 'local';
  readonly notEnforced: readonly string[];
  /** Of processes in the same sandbox only; all else is refused to a sandbox whoever asks. */
  readonly grants = GRANTABLE;
  readonly readsAsOther: boolean;
  readonly stack: LocalServices | undefined;
  readonly #options: LocalRuntimeOptions;
  readonly #limits: LocalLimits;
  readonly #clock: Clock;
  readonly #prlimit = systemProgram('prlimit');
  readonly #cgroups: StageCgroups | undefined;
  readonly #tempDir: string;
  readonly #said = new Set<DiagnosticCode>();
  #probe: Promise<SandboxProbe> | undefined;
  #attacks: AttackRecord | undefined;
  #networks: StageNetworks | undefined;

  constructor(options: LocalRuntimeOptions) {
    this.#options = options;
    this.#limits = { ...LOCAL_LIMITS, ...options.limits };
    this.#clock = options.clock ?? systemClock;
    this.#cgroups = findStageCgroups(options.cgroups);
    this.#tempDir = options.tempDir ?? tmpdir();
    this.notEnforced = [
      ...(options.sandbox === 'none' ? NO_SANDBOX : []),
      ...(this.#cgroups === undefined ? [BY_POLLING] : []),
      NO_CPU_LIMIT,
      ...(this.#prlimit === undefined ? ['size of files a tool writes: prlimit is missing'] : []),
    ];
    this.readsAsOther = options.sandbox === 'bubblewrap' && process.getuid?.() === 0;
    const { packageRoot } = options;
    this.stack = packageRoot ? this.#services(packageRoot) : undefined;
  }

  get attacks(): AttackRecord | undefined {
    return this.#attacks;
  }

  async execute(invocation: StageInvocation): Promise<Execution> {
    const probed = await this.#sandbox();
    this.#announce(probed);
    if (probed?.ok === false) {
      const reason = probed.full === true ? 'disk-full' : 'sandbox-unavailable';
      return failedBefore({ reason, detail: probed.detail });
    }
    const network = await this.#stageNetwork(invocation, probed?.sandbox);
    if (network !== undefined && 'reason' in network) return failedBefore(network);
    return this.#run(invocation, probed?.sandbox, network);
  }

  async close(): Promise<void> {
    this.stack?.close();
    this.#networks?.close();
    const probed = await this.#probe;
    if (probed?.ok === true) probed.sandbox.dispose();
  }

  async #run(
    invocation: StageInvocation,
    sandbox: WorkingSandbox | undefined,
    network: StageNetwork | undefined,
  ): Promise<Execution> {
    const [clock, prlimit, tempDir] = [this.#clock, this.#prlimit, this.#tempDir];
    const limits = limitsFor(invocation.stage.resources, this.#limits);
    let scratch: string | undefined;
    let cgroup: StageCgroup | undefined;
    let inside: OpenSandbox | undefined;
    try {
      cgroup = this.#cgroups?.open({ memoryBytes: memoryBytes(invocation), processes: limits.processes });
      // One step has a /tmp in memory; several share a folder, since each is a sandbox.
      if (sandbox === undefined || invocation.tool.provider.steps.length > 1) {
        scratch = mkdtempSync(join(tempDir, 'secplan-tmp-'));
        mkdirSync(join(scratch, 'home'));
      }
      inside = await sandbox?.open({
        ...stagePaths(invocation, scratch),
        privileges: invocation.stage.privileges ?? [],
        limits: processLimits(invocation, limits),
        ...(cgroup?.holdsProcesses === true ? {} : { processes: limits.processes }),
        entered: network !== undefined,
      });
      const place = { invocation, inside, scratch, cgroup, network };
      const execution = await runSteps(place, { limits, clock, prlimit, tempDir });
      return this.#saying(network?.finish(execution) ?? execution, inside);
    } catch (error) {
      return failedBefore(startFailure(error));
    } finally {
      inside?.release();
      network?.release();
      await cgroup?.remove();
      if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  /** What this stage's own sandbox could not hold stands beside what none of this machine holds. */
  #saying(execution: Execution, inside: OpenSandbox | undefined): Execution {
    if (!execution.ok || inside === undefined || inside.notEnforced.length === 0) return execution;
    return { ...execution, notEnforced: [...this.notEnforced, ...inside.notEnforced] };
  }

  async #sandbox(): Promise<SandboxProbe | undefined> {
    if (this.#options.sandbox === 'none') return undefined;
    this.#probe ??= probeSandbox(this.#options.bwrap, this.#tempDir);
    const probed = await this.#probe;
    this.#attacks = probed.attacks;
    return probed;
  }

  #services(packageRoot: string): LocalServices {
    return createLocalServices({
      clock: this.#clock,
      sandbox: () => this.#sandbox(),
      isPrivate: this.#options.sandbox !== 'none',
      tempDir: this.#tempDir,
      packageRoot,
      onHost: () => this.#sayOnce('SP5131', 'services listen on the loopback address of this machine'),
    });
  }

  /** Undefined for a stage that gets no private one: its sandbox has an empty one, or there is no sandbox. */
  async #stageNetwork(
    invocation: StageInvocation,
    sandbox: WorkingSandbox | undefined,
  ): Promise<StageNetwork | Failure | undefined> {
    if (invocation.stage.network === 'none') return undefined;
    const { connector, offline } = this.#options;
    // Few runs have such a stage: the others need not read what makes its network.
    const { createStageNetworks, stageNetworkSpec } = await import('./network/stage-network.ts');
    const spec = stageNetworkSpec(invocation, offline === true);
    if ('reason' in spec) return spec;
    if (sandbox === undefined) {
      this.#sayOnce('SP5120', `${invocation.stage.id} can reach every host that this machine can reach`);
      return undefined;
    }
    try {
      this.#networks ??= createStageNetworks(sandbox, this.#tempDir, connector);
      return await this.#networks.lease(spec, invocation);
    } catch (error) {
      const detail = `no private network: ${error instanceof Error ? error.message : String(error)}`;
      this.#sayOnce('SP5121', detail);
      return { reason: 'sandbox-unavailable', detail };
    }
  }

  #announce(probed: SandboxProbe | undefined): void {
    if (probed?.ok === false) {
      const full = probed.full === true;
      this.#sayOnce(
        full ? 'SP5002' : 'SP5001',
        full ? probed.detail : `no working sandbox: ${probed.detail}`,
      );
    } else if (this.#cgroups === undefined) {
      this.#sayOnce('SP5009', 'no cgroup v2: memory limits are enforced by polling');
    }
  }

  #sayOnce(code: DiagnosticCode, summary: string): void {
    if (this.#said.has(code)) return;
    this.#said.add(code);
    this.#options.onDiagnostic?.(diagnostic(code, summary));
  }
}

function failedBefore(failure: Failure): Execution {
  return { ok: false, steps: [], failure };
}
