import {
  chmodSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { networkTools } from '../../executor/runtimes/local/network/network-tools.ts';
import type { NetworkHandle } from '../../executor/runtimes/local/network/network-types.ts';
import { openNetwork } from '../../executor/runtimes/local/network/open-network.ts';
import { closedStdio } from '../../executor/runtimes/local/sandbox/inherited-descriptors.ts';
import { probeSandbox } from '../../executor/runtimes/local/sandbox/probe-sandbox.ts';
import { foldersAbove } from '../../executor/runtimes/local/sandbox/sandbox-argv.ts';
import type { OpenSandbox, WorkingSandbox } from '../../executor/runtimes/local/sandbox/working-sandbox.ts';
import { type ProgramOptions, type ProgramResult, runProgram } from '../../io/run-program.ts';
import type { LockedKind } from '../../lock/lock-types.ts';
import { installerHosts, MORE_HOSTS } from './installer-hosts.ts';
import { holdInstaller, INSTALLER_LIMITS, installerArgv } from './installer-limits.ts';
import { installerView } from './installer-view.ts';

/** Runs one installer program to its end; like `runProgram`. */
export type RunInstaller = (
  program: string,
  args: readonly string[],
  options: InstallerOptions,
) => Promise<ProgramResult>;

export interface InstallerOptions extends Omit<ProgramOptions, 'watch' | 'stdio'> {
  /** Files and folders that it is shown beside those of its house. */
  readonly shown?: readonly string[];
}

/** Code of a package that is built from source, which has a sandbox inside the installation. */
export interface BuildRequest {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Read-only, each at a place inside, in the order in which they are mounted. */
  readonly shown: readonly { readonly path: string; readonly at: string }[];
  /** Folders that an installer program of this house made; all else is read-only or not there. */
  readonly written: readonly string[];
  /** Milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Runs a package's own code: no network, nothing of the machine but what is shown. Also while an installer program runs. */
export type RunBuild = (request: BuildRequest) => Promise<ProgramResult>;

/** Where the programs of one installation run. */
export interface InstallerHouse extends AsyncDisposable {
  readonly run: RunInstaller;
  /** Undefined without a sandbox: then nothing is built. */
  readonly build: RunBuild | undefined;
  /** Why they run as processes of this machine; undefined in a sandbox. */
  readonly open: string | undefined;
  /** Whether one of them ended for want of space. */
  readonly full: () => boolean;
  /** Hosts that were asked for and not allowed. */
  readonly refused: () => readonly string[];
}

export interface HouseRequest {
  readonly kind: LockedKind;
  /** Folders that installers write to; all else is read-only or not there. */
  readonly written: readonly string[];
  /** Files and folders of the machine that they read beside the system's, for example downloads that were carried in. */
  readonly shown: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** False: by the user's wish there is no sandbox. */
  readonly sandboxed: boolean;
  /** False: everything was carried in. */
  readonly network: boolean;
}

/** What programs of any language say of a file system that is full, or of a user's share of it. */
const FULL = /no space left on device|\bENOSPC\b|disk quota exceeded|\bEDQUOT\b/i;

/**
 * Opens the sandbox of one installation: the stages' own, with a network in which only the user's registries and proxies
 * can be reached. Where this machine has none that works, programs run without, and `open` says why. About 100 ms.
 */
export async function openInstallerHouse(request: HouseRequest): Promise<InstallerHouse> {
  const seen = { full: false, refused: new Set<string>() };
  const watched =
    (run: RunInstaller): RunInstaller =>
    async (...of) => {
      const result = await run(...of);
      if (result.code !== 0 && FULL.test(result.stderr + result.stdout)) seen.full = true;
      return result;
    };
  const facts = { full: () => seen.full, refused: () => [...seen.refused].sort() };
  const without = (open: string): InstallerHouse => ({
    ...facts,
    run: watched(runProgram),
    build: undefined,
    open,
    [Symbol.asyncDispose]: async () => undefined,
  });
  if (!request.sandboxed) return without('the sandbox is off');
  const probed = await probeSandbox();
  if (!probed.ok) return without(`no working sandbox: ${probed.detail}`);
  const { sandbox } = probed;
  let network: NetworkHandle | undefined;
  try {
    if (request.network) network = await openHostNetwork(sandbox, request);
  } catch (error) {
    sandbox.dispose();
    return without(`no private network: ${error instanceof Error ? error.message : String(error)}`);
  }
  const files = mkdtempSync(join(tmpdir(), 'secplan-installer-'));
  const hosts = join(files, 'hosts');
  if (network !== undefined) writeFileSync(hosts, network.etcHosts(), { mode: 0o644 });
  const place: Place = { sandbox, network, hosts, request, user: 'own' };
  return {
    ...facts,
    run: watched(async (program, args, options) => {
      const result = await runInHouse(place, program, args, options);
      for (const host of network?.takeReport().refused ?? []) seen.refused.add(host);
      return result;
    }),
    build: (build) => runBuild(place, build),
    open: undefined,
    async [Symbol.asyncDispose]() {
      network?.close();
      sandbox.dispose();
      rmSync(files, { recursive: true, force: true });
    },
  };
}

function openHostNetwork(sandbox: WorkingSandbox, { kind, env }: HouseRequest): Promise<NetworkHandle> {
  const { registries, configured } = installerHosts(kind, env, env[MORE_HOSTS]);
  const named = new Set(configured.map(({ host }) => host));
  const spec = {
    egress: registries.filter((host) => !named.has(host)),
    // The user vouches for these: they may be machines of the own network.
    forwards: configured.map((each) => ({ ...each, to: each })),
  };
  return openNetwork(spec, networkTools(sandbox));
}

interface Place {
  readonly sandbox: WorkingSandbox;
  readonly network: NetworkHandle | undefined;
  /** File that stands for /etc/hosts inside. */
  readonly hosts: string;
  readonly request: HouseRequest;
  /** Whose rights the installer program has that runs now. */
  user: OpenSandbox['user'];
}

/** All sandboxes of one house are the same user: what one writes another one builds. */
const SHARES = 'installation';

const LIMITED = { limits: installerArgv(INSTALLER_LIMITS), processes: INSTALLER_LIMITS.processes };

/** Of its memory file system. Bytes. */
const TMP_BYTES = 2 ** 30;

async function runInHouse(
  place: Place,
  program: string,
  args: readonly string[],
  options: InstallerOptions,
): Promise<ProgramResult> {
  const { sandbox, network, hosts, request } = place;
  const { written } = request;
  const more = [...request.shown, ...(options.shown ?? [])];
  const view = installerView({ programs: [program, ...args], ...request, shown: more, env: options.env });
  for (const folder of view.made) mkdirSync(folder, { recursive: true });
  for (const { path, at } of view.shown) if (at.startsWith('/etc/')) makePlace(sandbox.etc, path, at);
  const shown = view.shown.map(({ path }) => path);
  const entered = network !== undefined;
  const inside = await sandbox.open({ shown, written, entered, ...LIMITED, shares: SHARES, alone: true });
  place.user = inside.user;
  try {
    const mounts = [
      ...inside.tmp(TMP_BYTES),
      ...foldersAbove([
        ...view.shown.map(({ at }) => at).filter(isNotEtc),
        ...written.map((path) => join(path, 'any')),
      ]),
      ...view.shown.flatMap(({ path, at }) => ['--ro-bind', path, at]),
      ...written.flatMap((path) => ['--bind', path, path]),
      ...['--remount-ro', '/'],
      ...(network === undefined ? [] : ['--share-net', '--ro-bind', hosts, '/etc/hosts']),
    ];
    const [first = '', ...rest] = [
      ...inside.enter(network?.enter ?? []),
      ...inside.argv(mounts),
      ...standingIn(options.cwd),
      program,
      ...args,
    ];
    return await runProgram(first, rest, {
      ...options,
      env: view.env,
      cwd: '/',
      stdio: () => closedStdio(['pipe', ...inside.descriptors]),
      watch: holdInstaller(written, INSTALLER_LIMITS),
    });
  } finally {
    inside.release();
    for (const path of written) takeBack(path);
  }
}

async function runBuild(
  { sandbox, user }: Place,
  { command, cwd, env, shown, written, ...times }: BuildRequest,
): Promise<ProgramResult> {
  const inside = await sandbox.open({
    ...{ shown: shown.map(({ path }) => path), written: [], ...LIMITED, shares: SHARES },
    asCaller: user === 'caller',
  });
  try {
    const mounts = [
      ...inside.tmp(TMP_BYTES),
      ...foldersAbove([...shown.map(({ at }) => at), ...written.map((path) => join(path, 'any'))]),
      ...shown.flatMap(({ path, at }) => ['--ro-bind', path, at]),
      ...written.flatMap((path) => ['--bind', path, path]),
      ...['--remount-ro', '/'],
    ];
    const [first = '', ...rest] = [...inside.argv(mounts), ...standingIn(cwd), ...command];
    return await runProgram(first, rest, {
      ...{ cwd: '/', env, ...times },
      stdio: () => closedStdio(['pipe', ...inside.descriptors]),
      watch: holdInstaller(written, INSTALLER_LIMITS),
    });
  } finally {
    inside.release();
  }
}

/** Bubblewrap itself may not enter a folder that is closed to all but the user inside. The text is fixed; all else is arguments. */
function standingIn(cwd: string): readonly string[] {
  return ['/bin/sh', '-c', 'cd "$1" && shift && exec "$@"', 'sh', cwd];
}

function isNotEtc(path: string): boolean {
  return !path.startsWith('/etc/');
}

/** /etc inside is a read-only folder of the sandbox's own: what is to be mounted there needs its place in it. */
function makePlace(etc: string, path: string, at: string): void {
  const place = join(etc, at.slice('/etc/'.length));
  if (existsSync(place)) return;
  if (statSync(path).isDirectory()) return void mkdirSync(place, { recursive: true });
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, '');
}

/** In the sandbox it may have been another user who wrote; the store is the caller's. Follows no link. */
function takeBack(path: string): void {
  const [uid, gid] = [process.getuid?.(), process.getgid?.()];
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined || uid === undefined || gid === undefined) return;
  if (stats.uid !== uid) {
    lchownSync(path, uid, gid);
    // The kernel takes such bits away only from programs.
    if (stats.isFile() && (stats.mode & 0o6000) !== 0) chmodSync(path, stats.mode & 0o777);
  }
  if (!stats.isDirectory()) return;
  for (const name of readdirSync(path)) takeBack(join(path, name));
}
