import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { runProgram } from '../io/run-program.ts';
import type { LockedKind } from '../lock/lock-types.ts';
import type { PlannedProvider } from '../planner/ir/ir.ts';
import { usableOn } from '../stages/contract/usable-on.ts';
import { findProgram } from './programs/find-program.ts';
import { installerEnv } from './programs/installer-env.ts';
import { findPython } from './programs/python.ts';
import { type MachineView, providerStatus } from './provider-state.ts';
import { pickProvider, type ToolPlace } from './provision.ts';

/** One thing that was looked at. `needed` is false where nothing that is planned depends on it. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly needed: boolean;
  readonly detail: string;
  /** What to do about it; empty when all is well. */
  readonly fix: string;
}

export interface DoctorOptions extends MachineView {
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
  const kinds = plannedKinds(options);
  const sandbox = await options.probeSandbox();
  const network = await options.probeNetwork();
  const checks: Check[] = [
    nodeCheck(process.versions.node),
    check(
      'sandbox',
      sandbox.ok,
      options.place?.runtime !== 'dagger',
      sandbox.ok ? 'bubblewrap works on this machine' : (sandbox.detail ?? ''),
      BUBBLEWRAP,
    ),
    check(
      'stage networks',
      network.ok,
      (options.stages ?? []).some((stage) => (stage.network ?? 'none') !== 'none'),
      network.ok ? 'private networks work on this machine' : (network.detail ?? ''),
      'Install util-linux (nsenter): secplan starts a stage with network access only in a private network.',
    ),
    ...(await engineChecks(options)),
    await programCheck(
      'git',
      ['--version'],
      false,
      'Install git. Without it, secplan also scans ignored files.',
      options,
    ),
    await pythonCheck(kinds.has('pypi'), options),
    await uvCheck(kinds.has('pypi'), options),
    await programCheck('go', ['version'], kinds.has('go'), 'Install Go.', options),
    await programCheck('npm', ['--version'], kinds.has('npm'), 'Install Node.js with npm.', options),
    await programCheck(
      'mvn',
      ['--version'],
      kinds.has('maven'),
      'Install Maven and a Java runtime.',
      options,
    ),
    await programCheck(
      'apt-get',
      ['--version'],
      kinds.has('debian'),
      'It is available only on Debian systems.',
      options,
    ),
    await diskCheck('tool store', options.store.root),
    await diskCheck('cache', options.cacheDir),
    cgroupCheck(options.limitsMemory()),
  ];
  for (const stage of options.stages ?? []) checks.push(await toolCheck(stage, options, options.place));
  return checks;
}

async function engineChecks({ probeEngine }: DoctorOptions): Promise<Check[]> {
  const engine = await probeEngine?.();
  return engine === undefined ? [] : [check('engine', engine.ok, true, engine.detail, engine.fix ?? '')];
}

function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const ok = major > NODE.major || (major === NODE.major && minor >= NODE.minor);
  return check('node', ok, true, version, `Node.js ${NODE.major}.${NODE.minor} or newer is needed.`);
}

async function programCheck(
  name: string,
  args: readonly string[],
  needed: boolean,
  fix: string,
  view: MachineView,
): Promise<Check> {
  const env = installerEnv(view.env, view.workspace);
  const found = findProgram(name, env.PATH ?? '', view.workspace);
  if (found.found !== 'yes') return check(name, false, needed, 'not on PATH', fix);
  const result = await runProgram(found.path, args, { cwd: '/', env, timeoutMs: 20_000 });
  const version = stripVTControlCharacters(result.stdout.split('\n')[0] ?? '').trim();
  if (result.code !== 0) return check(name, false, needed, `${found.path} does not run`, fix);
  return check(name, true, needed, `${version} (${found.path})`, '');
}

async function pythonCheck(needed: boolean, view: MachineView): Promise<Check> {
  const env = installerEnv(view.env, view.workspace);
  const found = await findPython('3.11', env, view.workspace);
  return found.ok
    ? check('python', true, needed, `${found.python.version} (${found.python.path})`, '')
    : check('python', false, needed, found.problem.detail, found.problem.fix ?? '');
}

async function uvCheck(needed: boolean, view: MachineView): Promise<Check> {
  const onPath = await programCheck('uv', ['--version'], needed, 'Install uv.', view);
  const locked = view.lock.installers?.uv;
  if (onPath.ok || !locked) return onPath;
  return check(
    'uv',
    true,
    needed,
    `not on PATH; ${locked.version} is downloaded by pip into the tool store`,
    '',
  );
}

async function diskCheck(name: string, folder: string): Promise<Check> {
  for (let place = folder; ; place = dirname(place)) {
    const info = await statfs(place).catch(() => undefined);
    if (!info && dirname(place) !== place) continue;
    const free = info ? info.bavail * info.bsize : 0;
    const detail = `${(free / 2 ** 30).toFixed(1)} GiB free for ${folder}`;
    return check(
      name,
      free >= MIN_FREE,
      true,
      detail,
      'Free some space: all standard tools together need about 1.5 GiB.',
    );
  }
}

/** Memory is limited exactly only where a cgroup v2 with the memory controller is delegated to this user. */
function cgroupCheck(ok: boolean): Check {
  const detail = ok ? 'memory controller available' : 'no cgroup v2: memory limits are enforced by polling';
  return check(
    'cgroup v2',
    ok,
    false,
    detail,
    'Start secplan in a delegated scope, for example systemd-run --user --scope -p Delegate=yes.',
  );
}

async function toolCheck(
  stage: {
    readonly tool: string;
    readonly definition: string;
    readonly providers: readonly PlannedProvider[];
  },
  view: MachineView,
  place: ToolPlace = { runtime: 'local', packages: true },
): Promise<Check> {
  const name = `tool ${stage.tool}`;
  // The same choice as at run time: the first that is pinned, or a program on PATH.
  const chosen =
    pickProvider(stage, place) ?? stage.providers.find(({ provider }) => usableOn(provider, place.runtime));
  if (!chosen) return check(name, false, true, `no ${place.runtime} provider`, 'Use the dagger runtime.');
  const status = await providerStatus(stage.definition, chosen.provider, view);
  const ok = status.state === 'installed' || status.state === 'installable' || status.state === 'on-path';
  const third = chosen.provider.thirdParty === undefined ? '' : `, packaged by ${chosen.provider.thirdParty}`;
  const detail = `${status.state} from ${chosen.provider.name}: ${status.detail}${third}`;
  return { name, ok, needed: true, detail, fix: status.fix };
}

function plannedKinds(options: DoctorOptions): ReadonlySet<LockedKind | 'path'> {
  const providers = (options.stages ?? []).flatMap((stage) => stage.providers.slice(0, 1));
  return new Set(providers.map(({ provider }) => provider.kind));
}

function check(name: string, ok: boolean, needed: boolean, detail: string, fix: string): Check {
  return { name, ok, needed, detail, fix: ok ? '' : fix };
}
