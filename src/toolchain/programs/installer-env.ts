import { PROXIES, REGISTRIES } from '../house/installer-hosts.ts';
import { trustedPath } from './find-program.ts';

/** Nothing else of the caller's environment reaches an installer: no token, and no setting that changes what is built. */
const KEPT: readonly string[] = [
  ...PROXIES,
  ...REGISTRIES,
  ...['NO_PROXY', 'no_proxy'],
  // Certificates to trust.
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'PIP_CERT', 'UV_NATIVE_TLS'],
  ...['UV_SYSTEM_CERTS', 'NODE_EXTRA_CA_CERTS', 'npm_config_cafile', 'NPM_CONFIG_CAFILE'],
  // Waiting, trying again, and how indexes are asked.
  ...[
    'UV_INDEX_STRATEGY',
    'UV_HTTP_TIMEOUT',
    'UV_CONCURRENT_DOWNLOADS',
    'PIP_DEFAULT_TIMEOUT',
    'PIP_RETRIES',
  ],
  // What programs find their own files by.
  ...['HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'JAVA_HOME', 'GOPATH'],
  ...['XDG_CONFIG_HOME', 'XDG_CACHE_HOME', 'XDG_DATA_HOME', 'GOCACHE', 'GOMODCACHE'],
];

/**
 * The environment that installers run with: of the caller's only what reaches registries, proxies and certificates, and a
 * PATH that does not lead into the scanned tree.
 */
export function installerEnv(
  env: Readonly<Record<string, string | undefined>>,
  workspace: string | null,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of KEPT) {
    const value = env[name];
    if (value !== undefined) kept[name] = value;
  }
  // uv brings its own list of authorities along, which lacks those of a company's proxy.
  if (kept.UV_NATIVE_TLS === undefined) kept.UV_SYSTEM_CERTS ??= 'true';
  kept.PATH = trustedPath(env.PATH ?? '', workspace);
  return kept;
}
