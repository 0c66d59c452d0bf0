import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { runProgram } from '../io/run-program.ts';
import type { LockedKind } from '../lock/lock-types.ts';
import type { PlannedProvider } from '../planner/ir/ir.ts';
import { findProgram } from './programs/find-program.ts';
import { installerEnv } from './programs/installer-env.ts';
import { findPython } from './programs/python.ts';
import type { MachineView } from './provider-state.ts';
import type { ToolPlace } from './provision.ts';
import { checkTool } from './tool-check.ts';
import type { DeclaredTools } from './ways-out.ts';

/** One thing that was looked at. `needed` is false where nothing that is planned depends on it. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly needed: boolean;
  readonly detail: string;
  /** What to do about it; empty when all is well. */
  readonly fix: string;
}

export interface DoctorOptions extends MachineView, DeclaredTools {
  /** Stages whose tools are available; absent: the machine alone is looked at. */
  readonly stages?: readonly {
    readonly tool: string;
    readonly definition: string;
    readonly providers: readonly PlannedProvider[];
    readonly network?: unknown;
  }[];
  readonly cacheDir: string;
  /** Where the profile is to run; absent: here. */
  readonly place?: ToolPlace;
  /** The dagger runtime's own probe, which really connects; asked only where stages are to run on an engine. */
  probeEngine?(): Promise<{ readonly ok: boolean; readonly detail: string; readonly fix?: string }>;
  /** The runtime's own probe, which really runs a sandbox. */
  probeSandbox(): Promise<{ readonly ok: boolean; readonly detail?: string }>;
  /** Really opens a network of a stage's own. */
  probeNetwork(): Promise<{ readonly ok: boolean; readonly detail?: string }>;
  /** The runtime's own search for a cgroup, which really makes one. */
  limitsMemory(): boolean;
}

const MIN_FREE = 2 * 2 ** 30;
const NODE = { major: 22, minor: 18 };
const BUBBLEWRAP =
  'Install bubblewrap and allow user namespaces, or pass --unsandboxed, which the evidence records.';

/** What `secplan doctor` prints: the machine first, then every planned tool. Looks only, installs nothing. */
export async function diagnose(options: DoctorOptions): Promise<readonly Check[]> {
  const checks: Check[] = [
    nodeCheck(process.versions.node),
    ...(await isolationChecks(options)),
    ...(await engineChecks(options)),
    ...(await installerChecks(options)),
    await diskCheck('tool store', options.store.root),
    await diskCheck('cache', options.cacheDir),
    cgroupCheck(options.limitsMemory()),
  ];
  for (const stage of options.stages ?? []) {
    const { ok, detail, fix } = await checkTool(stage, options, options.place);
    checks.push({ name: `tool ${stage.tool}`, ok, needed: true, detail, fix });
  }
  return checks;
}

function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return check({
    name: 'node',
    ok: major > NODE.major || (major === NODE.major && minor >= NODE.minor),
    needed: true,
    detail: version,
    fix: `Node.js ${NODE.major}.${NODE.minor} or newer is needed.`,
  });
}

/** The sandbox and the networks of stages, both really tried out. */
async function isolationChecks(options: DoctorOptions): Promise<Check[]> {
  const sandbox = await options.probeSandbox();
  const network = await options.probeNetwork();
  return [
    check({
      name: 'sandbox',
      ok: sandbox.ok,
      needed: options.place?.runtime !== 'dagger',
      detail: sandbox.ok ? 'bubblewrap works on this machine' : (sandbox.detail ?? ''),
      fix: BUBBLEWRAP,
    }),
    check({
      name: 'stage networks',
      ok: network.ok,
      needed: (options.stages ?? []).some((stage) => (stage.network ?? 'none') !== 'none'),
      detail: network.ok ? 'private networks work on this machine' : (network.detail ?? ''),
      fix: 'Install util-linux (nsenter): secplan starts a stage with network access only in a private network.',
    }),
  ];
}

async function engineChecks({ probeEngine }: DoctorOptions): Promise<Check[]> {
  const engine = await probeEngine?.();
  if (engine === undefined) return [];
  return [
    check({ name: 'engine', ok: engine.ok, needed: true, detail: engine.detail, fix: engine.fix ?? '' }),
  ];
}

/** A program that is looked for on PATH and started once. */
interface WantedProgram {
  readonly name: string;
  /** Arguments with which it prints its version. */
  readonly args: readonly string[];
  readonly needed: boolean;
  readonly fix: string;
}

/** Git, and the programs that tools are installed with: needed where a planned tool is of their kind. */
async function installerChecks(options: DoctorOptions): Promise<Check[]> {
  const kinds = plannedKinds(options);
  const program = (name: string, args: readonly string[], kind: LockedKind, fix: string): Promise<Check> =>
    programCheck({ name, args, needed: kinds.has(kind), fix }, options);
  const git = {
    name: 'git',
    args: ['--version'],
    needed: false,
    fix: 'Install git. Without it, secplan also scans ignored files.',
  };
  return [
    await programCheck(git, options),
    await pythonCheck(kinds.has('pypi'), options),
    await uvCheck(kinds.has('pypi'), options),
    await program('go', ['version'], 'go', 'Install Go.'),
    await program('npm', ['--version'], 'npm', 'Install Node.js with npm.'),
    await program('mvn', ['--version'], 'maven', 'Install Maven and a Java runtime.'),
    await program('apt-get', ['--version'], 'debian', 'It is available only on Debian systems.'),
  ];
}

async function programCheck(wanted: WantedProgram, view: MachineView): Promise<Check> {
  const { name, args, needed, fix } = wanted;
  const env = installerEnv(view.env, view.workspace);
  const found = findProgram(name, env.PATH ?? '', view.workspace);
  if (found.found !== 'yes') return check({ name, ok: false, needed, detail: 'not on PATH', fix });
  const result = await runProgram(found.path, args, { cwd: '/', env, timeoutMs: 20_000 });
  const version = stripVTControlCharacters(result.stdout.split('\n')[0] ?? '').trim();
  const ok = result.code === 0;
  const detail = ok ? `${version} (${found.path})` : `${found.path} does not run`;
  return check({ name, ok, needed, detail, fix });
}

async function pythonCheck(needed: boolean, view: MachineView): Promise<Check> {
  const env = installerEnv(view.env, view.workspace);
  const found = await findPython('3.11', env, view.workspace);
  const facts = found.ok
    ? { ok: true, detail: `${found.python.version} (${found.python.path})`, fix: '' }
    : { ok: false, detail: found.problem.detail, fix: found.problem.fix ?? '' };
  return check({ name: 'python', needed, ...facts });
}

async function uvCheck(needed: boolean, view: MachineView): Promise<Check> {
  const wanted = { name: 'uv', args: ['--version'], needed, fix: 'Install uv.' };
  const onPath = await programCheck(wanted, view);
  const locked = view.lock.installers?.uv;
  if (onPath.ok || !locked) return onPath;
  const detail = `not on PATH; ${locked.version} is downloaded by pip into the tool store`;
  return check({ name: 'uv', ok: true, needed, detail, fix: '' });
}

async function diskCheck(name: string, folder: string): Promise<Check> {
  for (let place = folder; ; place = dirname(place)) {
    const info = await statfs(place).catch(() => undefined);
    if (!info && dirname(place) !== place) continue;
    const free = info ? info.bavail * info.bsize : 0;
    const detail = `${(free / 2 ** 30).toFixed(1)} GiB free for ${folder}`;
    return check({
      name,
      ok: free >= MIN_FREE,
      needed: true,
      detail,
      fix: 'Free some space: all standard tools together need about 1.5 GiB.',
    });
  }
}

/** Memory is limited exactly only where a cgroup v2 with the memory controller is delegated to this user. */
function cgroupCheck(ok: boolean): Check {
  const detail = ok ? 'memory controller available' : 'no cgroup v2: memory limits are enforced by polling';
  return check({
    name: 'cgroup v2',
    ok,
    needed: false,
    detail,
    fix: 'Start secplan in a delegated scope, for example systemd-run --user --scope -p Delegate=yes.',
  });
}

function plannedKinds(options: DoctorOptions): ReadonlySet<LockedKind | 'path'> {
  const providers = (options.stages ?? []).flatMap((stage) => stage.providers.slice(0, 1));
  return new Set(providers.map(({ provider }) => provider.kind));
}

/** What to do is left out where all is well. */
function check(looked: Check): Check {
  return { ...looked, fix: looked.ok ? '' : looked.fix };
}
