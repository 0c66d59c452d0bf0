import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { StageInvocation } from '../../../ports.ts';
import { SHARED_MEMORY_BYTES } from '../../shared/held-limits.ts';

/** System folders that programs need, none of which holds a user's data. */
const SYSTEM = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];
/** Mounted from the host's /etc. Every mount costs about 0.2 ms a stage, so small files are copied instead. */
const ETC_MOUNTED = ['alternatives', 'ssl/certs', 'pki'];
const ETC_COPIED = ['ld.so.cache', 'ssl/openssl.cnf'];

/** What this machine's bubblewrap and kernel can do, seen by doing it. */
export interface SandboxAbilities {
  /** Refuses system calls. */
  readonly filter: boolean;
  /** bubblewrap's own way to forbid user namespaces inside. */
  readonly disableUserns: boolean;
  /** Folders in memory have a size. */
  readonly sized: boolean;
  /** Scanners can be a user that nothing else of the machine is: only for root, who is else what they are. */
  readonly ownUser: boolean;
}

export type Ability = keyof SandboxAbilities;

/** Whose rights the sandboxed process has to the kernel: the caller's, or those of a separate user. In there it is 1000 in any case. */
export type SandboxUser = 'caller' | 'own';

/** Descriptors of bubblewrap, after the status on 3. */
const USER_DESCRIPTOR = 4;

/** Arguments that hold for every sandbox: namespaces, system folders, /proc, /dev. `etcDir` holds the synthetic files. */
export function baseSandboxArgv(etcDir: string, can: SandboxAbilities, user: SandboxUser): string[] {
  const argv = [...userArgv(can, user), '--die-with-parent', '--new-session', '--hostname', 'secplan'];
  if (can.filter) argv.push('--seccomp', String(user === 'own' ? USER_DESCRIPTOR + 1 : USER_DESCRIPTOR));
  argv.push('--ro-bind', '/usr', '/usr');
  for (const folder of SYSTEM) argv.push(...linkOrBind(folder));
  argv.push('--ro-bind', etcDir, '/etc');
  for (const name of mountedEtc()) argv.push('--ro-bind', `/etc/${name}`, `/etc/${name}`);
  argv.push('--proc', '/proc', ...procArgv(), '--dev', '/dev');
  argv.push(...memoryFolder('/dev/shm', SHARED_MEMORY_BYTES, can, user), '--remount-ro', '/dev');
  return argv;
}

/** One identity inside whoever runs it, being no user of the host's. */
function userArgv({ disableUserns }: SandboxAbilities, user: SandboxUser): string[] {
  if (user === 'caller') {
    const none = disableUserns ? ['--unshare-user', '--disable-userns'] : [];
    return ['--unshare-all', ...none, '--cap-drop', 'ALL', '--uid', '1000', '--gid', '1000'];
  }
  const unshared = ['ipc', 'pid', 'net', 'uts', 'cgroup-try'].map((kind) => `--unshare-${kind}`);
  // Only until the first program inside has become the other user: `becomeArgv`.
  const kept = ['SETUID', 'SETGID', 'SETPCAP'].flatMap((name) => ['--cap-add', `CAP_${name}`]);
  const namespace = String(USER_DESCRIPTOR);
  // Bubblewrap leaves that descriptor open for the process inside, but closes what it was told to wait on. There is no wait:
  // a namespace's descriptor cannot be read.
  const closed = ['--block-fd', namespace];
  return ['--userns', namespace, ...closed, ...unshared, '--cap-drop', 'ALL', ...kept];
}

/** Stands before the command in a sandbox with a separate user. */
export function becomeArgv(setpriv: string): string[] {
  const argv = [setpriv, '--reuid=1000', '--regid=1000', '--clear-groups', '--no-new-privs'];
  return [...argv, '--inh-caps=-all', '--bounding-set=-all', '--'];
}

/** A folder in memory that the process inside may write to. */
export function memoryFolder(
  path: string,
  bytes: number,
  can: SandboxAbilities,
  user: SandboxUser,
): string[] {
  const size = can.sized ? ['--size', String(bytes)] : [];
  // Bubblewrap makes it, as its own root.
  const open = user === 'own' ? ['--perms', '1777'] : [];
  return [...size, ...open, '--tmpfs', path];
}

/** Kernel settings: to be read at most. */
const PROC_READ_ONLY = ['sys', 'sysrq-trigger', 'irq', 'bus', 'fs'];
/** Says which keys the caller holds. */
const PROC_EMPTY = ['keys', 'key-users'];

/**
 * Makes what is above processes in a new /proc read-only, to stand after `--proc`. Bubblewrap means to do it, but skips
 * what its own test in the user namespace says is not writable, while the kernel asks for the real user: for root it is.
 */
export function procArgv(): string[] {
  return [
    ...PROC_READ_ONLY.map((name) => `/proc/${name}`)
      .filter((path) => existsSync(path))
      .flatMap((path) => ['--ro-bind', path, path]),
    ...PROC_EMPTY.map((name) => `/proc/${name}`)
      .filter((path) => existsSync(path))
      .flatMap((path) => ['--ro-bind', '/dev/null', path]),
  ];
}

/** The sandbox's own users and network names: the host's are nobody's business. */
const SYNTHETIC: Readonly<Record<string, string>> = {
  passwd: 'scan:x:1000:1000:scan:/tmp/home:/usr/sbin/nologin\n',
  group: 'scan:x:1000:\n',
  hosts: '127.0.0.1 localhost secplan\n::1 localhost\n',
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
};

/** Fills a folder to be mounted as /etc. @throws what the file system throws. */
export function writeEtc(etcDir: string): void {
  for (const [name, text] of Object.entries(SYNTHETIC)) writeFileSync(join(etcDir, name), text);
  for (const name of mountedEtc()) mkdirSync(join(etcDir, name), { recursive: true });
  mkdirSync(join(etcDir, 'ssl'), { recursive: true });
  for (const name of ETC_COPIED) {
    if (existsSync(`/etc/${name}`)) copyFileSync(`/etc/${name}`, join(etcDir, name));
  }
  // Whatever the umask says: in the sandbox it is another user who reads them.
  for (const entry of readdirSync(etcDir, { withFileTypes: true, recursive: true })) {
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
  chmodSync(etcDir, 0o755);
}

function mountedEtc(): string[] {
  return [...ETC_MOUNTED, ...javaConfiguration()].filter((name) => existsSync(`/etc/${name}`));
}

/** What one stage sees beyond the base; `tmp` makes its /tmp. */
export function stageSandboxArgv(invocation: StageInvocation, tmp: readonly string[]): string[] {
  const { tool, assets, artifacts } = invocation;
  const argv = [...tmp, '--dir', '/tmp/home'];
  // An executable below a mount is there already, and a virtual environment's `python` is a link: no place to mount on.
  const covered = tool.mounts.some((mount) => tool.executable.startsWith(`${mount}/`));
  const mounts = covered ? tool.mounts : [...tool.mounts, tool.executable];
  const given = Object.keys(assets).map((name) => `/assets/${name}`);
  const made = artifacts.size > 0 ? ['/artifacts/any'] : [];
  argv.push(...foldersAbove([...mounts, ...given, ...made]));
  for (const mount of mounts) if (!mount.startsWith('/usr/')) argv.push('--ro-bind', mount, mount);
  for (const [name, path] of Object.entries(assets)) argv.push('--ro-bind', path, `/assets/${name}`);
  for (const { id, name, writable } of invocation.stage.inputs) {
    const path = artifacts.get(id);
    if (path !== undefined) argv.push(writable === true ? '--bind' : '--ro-bind', path, `/artifacts/${name}`);
  }
  argv.push('--ro-bind', invocation.sourceDir, '/src', '--bind', invocation.outDir, '/out');
  argv.push('--remount-ro', '/', '--chdir', '/src');
  return argv;
}

/** Makes the way to files that are to be mounted: bubblewrap would make folders that only its own user may enter. */
export function foldersAbove(paths: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const path of paths.filter((each) => !each.startsWith('/usr/'))) {
    for (let at = dirname(path); at !== '/' && at !== '.'; at = dirname(at)) folders.add(at);
  }
  // The outermost first.
  return [...folders].sort((a, b) => a.length - b.length).flatMap((folder) => ['--dir', folder]);
}

/** Which of the machine's files a stage is shown, and which it may write to. */
export function stagePaths(
  { tool, assets, artifacts, stage, sourceDir, outDir }: StageInvocation,
  scratch: string | undefined,
): { readonly shown: readonly string[]; readonly written: readonly string[] } {
  const inputs = stage.inputs.flatMap(({ id, writable }) => {
    const path = artifacts.get(id);
    return path === undefined ? [] : [{ path, writable: writable === true }];
  });
  const shown = inputs.filter(({ writable }) => !writable).map(({ path }) => path);
  const written = inputs.filter(({ writable }) => writable).map(({ path }) => path);
  return {
    shown: [...tool.mounts, ...Object.values(assets), ...shown, sourceDir],
    written: [...written, outDir, ...(scratch === undefined ? [] : [scratch])],
  };
}

function linkOrBind(folder: string): string[] {
  try {
    return lstatSync(folder).isSymbolicLink()
      ? ['--symlink', readlinkSync(folder), folder]
      : ['--ro-bind', folder, folder];
  } catch {
    return [];
  }
}

/** Debian keeps a Java runtime's own configuration in /etc/java-<version>-openjdk. */
function javaConfiguration(): string[] {
  try {
    return readdirSync('/etc').filter((name) => /^java-[0-9]+-[a-z]+$/.test(name));
  } catch {
    return [];
  }
}
