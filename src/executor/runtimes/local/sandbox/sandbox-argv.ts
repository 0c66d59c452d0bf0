import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { StageInvocation } from '../../../ports.ts';

/** System folders that programs need, none of which holds a user's data. */
const SYSTEM = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];
/** Mounted from the host's /etc. Every mount costs about 0.2 ms a stage, so small files are copied instead. */
const ETC_MOUNTED = ['alternatives', 'ssl/certs', 'pki'];
const ETC_COPIED = ['ld.so.cache', 'ssl/openssl.cnf'];

/** Arguments that hold for every sandbox: namespaces, system folders, /proc, /dev. `etcDir` holds the synthetic files. */
export function baseSandboxArgv(etcDir: string): string[] {
  const argv = ['--unshare-all', '--die-with-parent', '--new-session', '--cap-drop', 'ALL'];
  // One identity whoever runs it; being no user of the host's.
  argv.push('--uid', '1000', '--gid', '1000', '--hostname', 'secplan');
  argv.push('--ro-bind', '/usr', '/usr');
  for (const folder of SYSTEM) argv.push(...linkOrBind(folder));
  argv.push('--ro-bind', etcDir, '/etc');
  for (const name of mountedEtc()) argv.push('--ro-bind', `/etc/${name}`, `/etc/${name}`);
  argv.push('--proc', '/proc', ...procArgv(), '--dev', '/dev');
  return argv;
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
}

function mountedEtc(): string[] {
  return [...ETC_MOUNTED, ...javaConfiguration()].filter((name) => existsSync(`/etc/${name}`));
}

/** What one stage sees beyond the base. With `scratch`, /tmp is that host folder: steps of one stage share it. */
export function stageSandboxArgv(
  invocation: StageInvocation,
  scratch: string | undefined,
  tmpBytes: number,
): string[] {
  const { tool, assets, artifacts } = invocation;
  const argv =
    scratch === undefined ? ['--size', String(tmpBytes), '--tmpfs', '/tmp'] : ['--bind', scratch, '/tmp'];
  argv.push('--dir', '/tmp/home');
  // An executable below a mount is there already, and a virtual environment's `python` is a link: no place to mount on.
  const covered = tool.mounts.some((mount) => tool.executable.startsWith(`${mount}/`));
  for (const mount of covered ? tool.mounts : [...tool.mounts, tool.executable]) {
    if (!mount.startsWith('/usr/')) argv.push('--ro-bind', mount, mount);
  }
  for (const [name, path] of Object.entries(assets)) argv.push('--ro-bind', path, `/assets/${name}`);
  for (const { id, name, writable } of invocation.stage.inputs) {
    const path = artifacts.get(id);
    if (path !== undefined) argv.push(writable === true ? '--bind' : '--ro-bind', path, `/artifacts/${name}`);
  }
  argv.push('--ro-bind', invocation.sourceDir, '/src', '--bind', invocation.outDir, '/out');
  argv.push('--remount-ro', '/', '--chdir', '/src');
  return argv;
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
