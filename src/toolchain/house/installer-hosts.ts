import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LockedKind } from '../../lock/lock-types.ts';

/** How the user reaches the network. */
export const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'];

/** Where the user's packages come from. */
export const REGISTRIES = [
  ...['UV_INDEX_URL', 'UV_EXTRA_INDEX_URL', 'UV_DEFAULT_INDEX', 'UV_INDEX', 'UV_FIND_LINKS'],
  ...['PIP_INDEX_URL', 'PIP_EXTRA_INDEX_URL', 'PIP_FIND_LINKS', 'PIP_TRUSTED_HOST', 'UV_INSECURE_HOST'],
  ...['npm_config_registry', 'NPM_CONFIG_REGISTRY', 'GOPROXY', 'GOSUMDB'],
];

/** What installers may reach. */
export interface InstallerHosts {
  /** Public registries, by name. */
  readonly registries: readonly string[];
  /** What the user configured, which may be a machine of the own network. */
  readonly configured: readonly { readonly host: string; readonly port: number }[];
}

const PYPI = ['pypi.org', 'files.pythonhosted.org'];
const DEFAULTS: Readonly<Record<LockedKind, readonly string[]>> = {
  pypi: PYPI,
  npm: ['registry.npmjs.org'],
  go: ['proxy.golang.org', 'sum.golang.org', 'storage.googleapis.com'],
  maven: ['repo.maven.apache.org', 'repo1.maven.org'],
  debian: [],
  release: [],
  image: [],
};

/** Files in which the user says where packages come from; the first ones are below the home folder. */
const CONFIGURED: Readonly<
  Record<LockedKind, { readonly home: readonly string[]; readonly etc: readonly string[] }>
> = {
  pypi: {
    home: ['.config/uv/uv.toml', '.config/pip/pip.conf', '.pip/pip.conf'],
    etc: ['/etc/uv/uv.toml', '/etc/pip.conf'],
  },
  npm: { home: ['.npmrc'], etc: ['/etc/npmrc'] },
  go: { home: ['.config/go/env'], etc: [] },
  maven: { home: ['.m2/settings.xml'], etc: ['/etc/maven', '/etc/maven/settings.xml'] },
  debian: { home: [], etc: ['/etc/apt/sources.list'] },
  release: { home: [], etc: [] },
  image: { home: [], etc: [] },
};

/** The user's own configuration of an installer, below the home folder and elsewhere; whether or not it is there. */
export function configurationOf(kind: LockedKind): {
  readonly home: readonly string[];
  readonly etc: readonly string[];
} {
  return CONFIGURED[kind];
}

/** More hosts, comma-separated, for registries that hand out files from elsewhere. */
export const MORE_HOSTS = 'SECPLAN_INSTALL_HOSTS';

/** Reads the user's settings, never the scanned tree's. */
export function installerHosts(
  kind: LockedKind,
  env: Readonly<Record<string, string | undefined>>,
  more: string | undefined,
): InstallerHosts {
  const { home, etc } = CONFIGURED[kind];
  const files = [...home.map((name) => join(env.HOME ?? '/', name)), ...etc, ...aptLists(kind)];
  const texts = [
    ...REGISTRIES.map((name) => env[name] ?? ''),
    ...files.map((file) => settingsOf(kind, file)),
  ];
  const configured = [...texts.flatMap(urlsIn), ...PROXIES.flatMap((name) => proxyOf(env[name]))];
  return {
    registries: [...DEFAULTS[kind], ...(more ?? '').split(',').map((host) => host.trim())].filter(Boolean),
    configured: configured.filter(
      ({ host, port }, index) =>
        configured.findIndex((other) => other.host === host && other.port === port) === index,
    ),
  };
}

function urlsIn(text: string): { host: string; port: number }[] {
  const urls = text.match(/https?:\/\/[^\s"'<>,|]+/g) ?? [];
  return urls.flatMap((url) => endpointOf(url));
}

/** A proxy's scheme may be left out. */
function proxyOf(text: string | undefined): { host: string; port: number }[] {
  if (!text) return [];
  return endpointOf(/^[a-z0-9]+:\/\//i.test(text) ? text.replace(/^socks\w*:/i, 'http:') : `http://${text}`);
}

function endpointOf(text: string): { host: string; port: number }[] {
  const url = URL.parse(text);
  // Maven's own settings name the address of no machine, to block what goes there.
  if (url === null || url.hostname === '' || NOWHERE.has(url.hostname)) return [];
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return [{ host: url.hostname.replace(/^\[|\]$/g, ''), port }];
}

const NOWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '[::]']);

/** What may name a registry in a file. Of XML that is what stands in `url`: its schemas and comments name other hosts. */
function settingsOf(kind: LockedKind, file: string): string {
  const text = textOf(file);
  if (kind !== 'maven') return text;
  const urls = text.replaceAll(/<!--.*?-->/gs, '').matchAll(/<url>\s*([^<]*)/g);
  return [...urls].map(([, url = '']) => url).join(' ');
}

function aptLists(kind: LockedKind): string[] {
  if (kind !== 'debian' && kind !== 'pypi') return [];
  const folder = '/etc/apt/sources.list.d';
  try {
    return ['/etc/apt/sources.list', ...readdirSync(folder).map((name) => join(folder, name))];
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
