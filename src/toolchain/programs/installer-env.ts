import { trustedPath } from './find-program.ts';

/** Settings of the caller's shell that would make an installer build something else than what is pinned. */
const DROPPED = new Set([
  'PYTHONPATH',
  'PYTHONHOME',
  'PYTHONSTARTUP',
  'PYTHONUSERBASE',
  'VIRTUAL_ENV',
  'CONDA_PREFIX',
  'UV_PYTHON',
  'UV_PROJECT_ENVIRONMENT',
  'UV_CONSTRAINT',
  'UV_OVERRIDE',
  'UV_NO_VERIFY_HASHES',
  'PIP_TARGET',
  'PIP_PREFIX',
  'PIP_USER',
  'PIP_REQUIRE_VIRTUALENV',
  'GOFLAGS',
  'GOBIN',
  'GOWORK',
  'GONOSUMDB',
  'GONOSUMCHECK',
  'GOINSECURE',
  'GOPRIVATE',
  'GOEXPERIMENT',
  'CGO_CFLAGS',
  'CGO_LDFLAGS',
  'NODE_OPTIONS',
  'LD_PRELOAD',
  'LD_LIBRARY_PATH',
]);

/**
 * The environment that installers run with: the caller's, for its proxies, mirrors and certificates, without what
 * would change the result and with a PATH that does not lead into the scanned tree.
 */
export function installerEnv(
  env: Readonly<Record<string, string | undefined>>,
  workspace: string | null,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !DROPPED.has(name)) kept[name] = value;
  }
  kept.PATH = trustedPath(env.PATH ?? '', workspace);
  return kept;
}
