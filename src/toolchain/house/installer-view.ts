import { existsSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';

import type { LockedKind } from '../../lock/lock-types.ts';
import { configurationOf, REGISTRIES } from './installer-hosts.ts';

/** What one installer program is shown of the machine. */
export interface InstallerView {
  /** Read-only, each at a place inside; those of the system come with every sandbox. */
  readonly shown: readonly { readonly path: string; readonly at: string }[];
  /** Folders to be made before it starts. */
  readonly made: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

interface ViewRequest {
  /** With their arguments: absolute paths among those are shown, too. */
  readonly programs: readonly string[];
  readonly kind: LockedKind;
  readonly written: readonly string[];
  readonly shown: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Folder of the first written one for caches: each installation fetches for itself, so that none can prepare another's. */
export const SCRATCH = '.scratch';
const HOME = '/tmp/home';
/** Variables whose value is a file or folder. */
const PATHS = ['SSL_CERT_FILE', 'SSL_CERT_DIR', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'PIP_CERT'];
const MORE_PATHS = ['NODE_EXTRA_CA_CERTS', 'npm_config_cafile', 'NPM_CONFIG_CAFILE', 'JAVA_HOME'];
/** What package managers of the system read beside programs. */
const APT = ['/etc/apt', '/var/lib/apt', '/var/lib/dpkg', '/etc/debian_version', '/etc/os-release'];

/** The program with its installation, the user's settings of its kind, and what variables name; none of the home folder else. */
export function installerView({ programs: named, kind, written, shown, env }: ViewRequest): InstallerView {
  const { home, etc } = configurationOf(kind);
  const userHome = env.HOME ?? '/nonexistent';
  const programs = [...named.filter(isAbsolute), ...(kind === 'npm' ? [process.execPath] : [])];
  const settings = [...PATHS, ...MORE_PATHS, ...REGISTRIES].flatMap((name) => foldersIn(env[name] ?? ''));
  const system = kind === 'debian' || kind === 'pypi' ? APT : [];
  const plain = [
    ...programs.flatMap((path) => installationOf(path, userHome)),
    ...shown,
    ...settings,
    ...etc,
    ...system,
  ];
  const scratch = join(written[0] ?? '/tmp', SCRATCH);
  const at = [
    ...plain.map((path) => ({ path, at: path })),
    ...home.map((name) => ({ path: join(userHome, name), at: join(HOME, name) })),
  ].filter(({ path }, index, all) => existsSync(path) && all.findIndex((one) => one.path === path) === index);
  const mounted = at.filter(
    ({ path }) => !path.startsWith('/usr/') && !written.some((folder) => path.startsWith(`${folder}/`)),
  );
  return {
    // The outer ones first: an inner one would be hidden.
    shown: mounted.sort((a, b) => a.at.length - b.at.length),
    made: [join(scratch, 'tmp')],
    env: insideEnv(env, scratch, written),
  };
}

function insideEnv(
  env: Readonly<Record<string, string>>,
  scratch: string,
  written: readonly string[],
): Record<string, string> {
  const own = ['USER', 'LOGNAME', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'GOPATH', 'GOCACHE', 'TMPDIR'];
  const caches = ['XDG_CACHE_HOME', 'GOMODCACHE'];
  const isWritten = (path: string) => written.some((folder) => path.startsWith(`${folder}/`));
  const kept = Object.entries(env).filter(
    // The user's own cache could not be written to.
    ([name, value]) => !own.includes(name) && (!caches.includes(name) || isWritten(value)),
  );
  return {
    XDG_CACHE_HOME: join(scratch, 'cache'),
    GOMODCACHE: join(scratch, 'modules'),
    ...Object.fromEntries(kept),
    HOME,
    TMPDIR: join(scratch, 'tmp'),
    GOPATH: join(scratch, 'go'),
    GOCACHE: join(scratch, 'go-build'),
    UV_CACHE_DIR: join(scratch, 'uv'),
    npm_config_cache: join(scratch, 'npm'),
    // Where the user has settings, Maven's own folder is bubblewrap's. A path without spaces: Maven's script splits it.
    MAVEN_OPTS: '-Dmaven.repo.local=/tmp/m2',
    PYTHONDONTWRITEBYTECODE: '1',
  };
}

/** A program, what it is a link to, and the folder above its `bin`, unless that holds more than one program's files. */
function installationOf(program: string, home: string): string[] {
  const files = [program, realOrSelf(program)];
  const prefixes = files.flatMap((file) => {
    const bin = dirname(file);
    const prefix = dirname(bin);
    const shared = ['/', '/usr', '/usr/local', home, join(home, '.local'), '/root', '/home', '/opt'];
    return /\/(s?bin|shims)$/.test(bin) && !shared.includes(prefix) ? [prefix] : [];
  });
  return [...files, ...prefixes];
}

/** Paths and `file:` addresses in the value of a variable. */
function foldersIn(text: string): string[] {
  return text
    .split(/[\s,|]+/)
    .map((each) => each.replace(/^file:\/\/(?=\/)/, ''))
    .filter((each) => each.startsWith('/') && each !== '/');
}

function realOrSelf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
