import { lchownSync, lstatSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { notEnforcedWith } from '../../shared/granted-calls.ts';
import { filteredArch } from '../../shared/seccomp-filter.ts';
import { filterFile } from './filter-file.ts';
import type { Identities, Identity } from './identity.ts';
import {
  baseSandboxArgv,
  becomeArgv,
  memoryFolder,
  type SandboxAbilities,
  type SandboxUser,
} from './sandbox-argv.ts';
import type { Warden } from './warden.ts';

/** One folder, in which filters of system calls are made, and below it the sandbox's /etc. */
export interface SandboxFiles {
  readonly dir: string;
  readonly etc: string;
}

/** Programs of util-linux, where they can be started inside. */
export interface SandboxPrograms {
  readonly bwrap: string;
  readonly prlimit: string | undefined;
  readonly setpriv: string | undefined;
}

export interface SandboxParts {
  readonly programs: SandboxPrograms;
  readonly files: SandboxFiles;
  readonly can: SandboxAbilities;
  readonly identities: Identities | undefined;
  readonly warden: Pick<Warden, 'dismiss'>;
}

export interface SandboxRequest {
  /** Files and folders of the machine that it is shown. */
  readonly shown: readonly string[];
  /** Those it may write to. */
  readonly written: readonly string[];
  /** System calls that it needs and that are refused else, for example `ptrace`. */
  readonly privileges?: readonly string[];
  /** Arguments of `prlimit`. */
  readonly limits?: readonly string[];
  /** How many processes and threads it may have at the same time; somebody looks at it while it runs. */
  readonly processes?: number;
  /** It starts in a network that was entered before: bubblewrap does not stand alone. */
  readonly entered?: boolean;
  /** Sandboxes of one name are the same user, as they share files. */
  readonly shares?: string;
  /** With `shares`: none of that name runs now, so what it writes to may be made that user's again. */
  readonly alone?: boolean;
  /** It is no separate user, as what it shares files with is none. */
  readonly asCaller?: boolean;
}

/** One user's sandbox, in which processes can be started one after the other or together. */
export interface OpenSandbox {
  /** Bubblewrap with all that stands before the command. */
  argv(mounts: readonly string[]): readonly string[];
  /** A /tmp in memory. */
  tmp(bytes: number): readonly string[];
  /** What stands before `argv` to start it in a network, which is given as for who enters its user namespace too. */
  enter(network: readonly string[]): readonly string[];
  /** What its processes are started with from descriptor 4; a path is opened for each. */
  readonly descriptors: readonly (number | string)[];
  /** Whose rights its processes have to the kernel. */
  readonly user: SandboxUser;
  /** What is not enforced in here. */
  readonly notEnforced: readonly string[];
  release(): void;
}

/** So many times more the kernel lets start than a stage may have: who looks now and then must see that it has too many. */
const BEYOND = 2;

const NO_FILTER =
  "system calls: this kernel, processor or bubblewrap takes no filter; the caller's keys and memory outside of processes are open";
const NO_SIZES = 'size of folders in memory: this bubblewrap cannot limit it';
const NO_PROCESS_LIMIT = 'number of processes by polling, not by the kernel';
const AS_CALLER = 'user: to the kernel a scanner is the user that runs secplan';

/** A sandbox that was seen to work. */
export class WorkingSandbox {
  readonly #parts: SandboxParts;
  /** By `SandboxRequest.shares`. */
  readonly #shared = new Map<string, Promise<Identity>>();
  readonly #base = new Map<SandboxUser, readonly string[]>();
  readonly #readable = new Map<string, boolean>();

  constructor(parts: SandboxParts) {
    this.#parts = parts;
  }

  get bwrap(): string {
    return this.#parts.programs.bwrap;
  }

  /** Stands in the command line of every sandbox and of nothing else: what holds it is ended when secplan is killed. */
  get mark(): string {
    return this.#parts.files.dir;
  }

  /** Folder that is /etc inside; who mounts more there makes the place for it. */
  get etc(): string {
    return this.#parts.files.etc;
  }

  /** @throws the file system's errors */
  async open(request: SandboxRequest): Promise<OpenSandbox> {
    const { programs, files, can } = this.#parts;
    const identity = await this.#identity(request);
    const user: SandboxUser = identity === undefined ? 'caller' : 'own';
    const arch = can.filter ? filteredArch() : undefined;
    const filter = arch === undefined ? [] : [filterFile(files.dir, arch, request.privileges ?? [])];
    const { inner, notEnforced } = innerArgv(programs, can, user, request);
    const base = this.#baseArgv(user);
    return {
      argv: (mounts) => [programs.bwrap, ...base, ...mounts, '--json-status-fd', '3', '--', ...inner],
      tmp: (bytes) => [
        ...memoryFolder('/tmp', bytes, can, user),
        ...(user === 'own' ? ['--perms', '0777'] : []),
        ...['--dir', '/tmp/home'],
      ],
      enter: (network) =>
        // From within another user namespace its own could not be entered.
        user === 'own' ? network.filter((part) => !part.startsWith('--user=')) : network,
      descriptors: [...(identity === undefined ? [] : [identity.namespace]), ...filter],
      user,
      notEnforced,
      release: () => {
        if (identity !== undefined && request.shares === undefined)
          this.#parts.identities?.giveBack(identity);
      },
    };
  }

  dispose(): void {
    this.#parts.warden.dismiss();
    this.#parts.identities?.close();
    rmSync(this.#parts.files.dir, { recursive: true, force: true });
  }

  /** The same for every stage: what it looks at of the machine is looked at once. */
  #baseArgv(user: SandboxUser): readonly string[] {
    const known = this.#base.get(user) ?? baseSandboxArgv(this.#parts.files.etc, this.#parts.can, user);
    this.#base.set(user, known);
    return known;
  }

  /** Undefined where it is the caller's: by the machine, or as something of it could not be read by another user. */
  async #identity({
    shown,
    written,
    shares,
    alone,
    asCaller,
    entered,
  }: SandboxRequest): Promise<Identity | undefined> {
    const { identities, can } = this.#parts;
    if (identities === undefined || !can.ownUser || asCaller === true) return undefined;
    if (entered === true && !mayEnter()) return undefined;
    if (!shown.every((path) => this.#isReadable(path))) return undefined;
    const known = shares === undefined ? undefined : this.#shared.get(shares);
    if (known !== undefined) {
      const { uid } = await known;
      if (alone === true) for (const path of written) give(path, uid);
      return known;
    }
    const taken = identities.take().then((identity) => {
      // Only before anything runs that could put a link in the way.
      for (const path of written) give(path, identity.uid);
      return identity;
    });
    if (shares !== undefined) this.#shared.set(shares, taken);
    return taken;
  }

  /** By the mode of what is mounted: a folder of the store or a tree is open to all, or to none. */
  #isReadable(path: string): boolean {
    const known = this.#readable.get(path);
    if (known !== undefined) return known;
    const info = statSync(path, { throwIfNoEntry: false });
    const wanted = info?.isDirectory() === true ? 0o5 : 0o4;
    const readable = info !== undefined && (info.mode & wanted) === wanted;
    this.#readable.set(path, readable);
    return readable;
  }
}

function innerArgv(
  { prlimit, setpriv }: SandboxPrograms,
  can: SandboxAbilities,
  user: SandboxUser,
  { limits = [], privileges = [], processes }: SandboxRequest,
): { readonly inner: readonly string[]; readonly notEnforced: readonly string[] } {
  const become = user === 'own' && setpriv !== undefined ? becomeArgv(setpriv) : [];
  const counted = processes !== undefined && countsProcesses(user);
  const all = [...limits, ...(counted ? [`--nproc=${processes * BEYOND}`] : [])];
  const limited = prlimit === undefined || all.length === 0 ? [] : [prlimit, ...all, '--'];
  const isRoot = process.getuid?.() === 0;
  return {
    inner: [...become, ...limited],
    notEnforced: [
      ...(user === 'caller' && isRoot ? [AS_CALLER] : []),
      ...(can.filter ? [] : [NO_FILTER]),
      ...(can.filter ? notEnforcedWith(privileges) : []),
      ...(can.sized ? [] : [NO_SIZES]),
      ...(processes !== undefined && (prlimit === undefined || !counted) ? [NO_PROCESS_LIMIT] : []),
    ],
  };
}

/** Root is never limited; and before Linux 5.14 all processes of a user counted, not the sandbox's. */
function countsProcesses(user: SandboxUser): boolean {
  if (user === 'own') return true;
  if (process.getuid?.() === 0) return false;
  const [major = 0, minor = 0] = release().split('.').map(Number);
  return major > 5 || (major === 5 && minor >= 14);
}

const CAP_SYS_ADMIN = 21n;

/** Whether a network's namespace can be entered without its user namespace, from which no other is to be entered. */
function mayEnter(): boolean {
  try {
    const caps = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
    return ((BigInt(`0x${caps}`) >> CAP_SYS_ADMIN) & 1n) === 1n;
  } catch {
    return false;
  }
}

/** Follows no link. @throws the file system's errors */
function give(path: string, uid: number): void {
  lchownSync(path, uid, uid);
  if (!lstatSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) give(join(path, name), uid);
}
