import type { Manifest } from '../../compiler/manifest.gen.ts';
import { CUSTOM_TOOLS } from '../../compiler/names/custom-tools.ts';
import { matchingPointers } from '../../compiler/source/matching-pointers.ts';
import { canonicalJson } from '../../core/canonical.ts';
import { isRecord } from '../../core/is-record.ts';

/** Something by which a manifest reaches a secret, the network or another's machine. */
export interface Grant {
  /** Where the manifest has it. */
  readonly pointer: string;
  /** In words, for example `tool bandit with network access or a secret`. */
  readonly what: string;
  /** Equal for the same grant in another manifest, wherever in a list it stands. */
  readonly identity: string;
}

interface Place {
  readonly path: readonly string[];
  readonly what: (key: string) => string;
  readonly when?: (value: unknown) => boolean;
}

/** Every grant is the whole entry: whoever may change an entry's command or address may use what it was given. */
const PLACES: readonly Place[] = [
  { path: ['secrets', '*'], what: (name) => `the secret ${name}` },
  { path: ['tools', '*'], what: (id) => `${id} with network access or a secret`, when: isGranted },
  {
    path: ['tools', CUSTOM_TOOLS, '*'],
    what: (id) => `${id} with network access or a secret`,
    when: isGranted,
  },
  { path: ['targets', 'http', '*'], what: () => 'an HTTP target', when: hasAddress },
  { path: ['targets', 'kubernetes', '*'], what: () => 'a cluster', when: hasContext },
  { path: ['targets', 'cloud', '*'], what: () => 'a cloud account' },
  { path: ['stack', 'reuse'], what: () => 'a running stack' },
  {
    path: ['stack', 'services', '*'],
    what: (name) => `the service ${name} with a secret`,
    when: namesSecret,
  },
  { path: ['evidence', 'sign'], what: () => 'signing' },
  { path: ['evidence', 'rekor'], what: () => 'a transparency log' },
  { path: ['delivery', 's3', '*'], what: () => 'a delivery' },
  { path: ['delivery', 'github'], what: () => 'a delivery' },
  { path: ['delivery', 'opensearch'], what: () => 'a delivery' },
  { path: ['notify', '*'], what: () => 'a notification' },
  { path: ['cache', 'dir'], what: () => 'a cache folder' },
  { path: ['cache', 'remote'], what: () => 'a shared cache' },
  { path: ['runtime', 'registryMirror'], what: () => 'a registry mirror' },
  { path: ['runtime', 'engine'], what: () => 'an engine' },
  { path: ['runtime', 'managed'], what: () => 'a service' },
  // Without a sandbox every scanner has the network.
  { path: ['runtime', 'local', 'sandbox'], what: () => 'no sandbox', when: (value) => value === false },
];

/** Everything that a manifest grants. */
export function grantsOf(manifest: Manifest): readonly Grant[] {
  return PLACES.flatMap(({ path, what, when }) =>
    matchingPointers(manifest, path).flatMap(([pointer, value]) => {
      if (when !== undefined && !when(value)) return [];
      const key = pointer.slice(pointer.lastIndexOf('/') + 1);
      // The place in a list means nothing; a name does.
      const place = path.map((part) => (part === '*' && !/^\d+$/.test(key) ? key : part)).join('/');
      return [{ pointer, what: what(key), identity: `${place} ${canonicalJson(value)}` }];
    }),
  );
}

/** Grants of one manifest that another does not hold in just the same way. */
export function grantsBeyond(manifest: Manifest, base: Manifest | undefined): readonly Grant[] {
  const held = new Set(base === undefined ? [] : grantsOf(base).map(({ identity }) => identity));
  return grantsOf(manifest).filter(({ identity }) => !held.has(identity));
}

/** Whether a tool's entry gives it the network beyond the stack, or a secret. */
export function isGranted(tool: unknown): boolean {
  if (!isRecord(tool)) return false;
  return isRecord(tool.network) || (Array.isArray(tool.secrets) && tool.secrets.length > 0);
}

function hasAddress(target: unknown): boolean {
  return isRecord(target) && (target.url !== undefined || target.auth !== undefined);
}

function hasContext(target: unknown): boolean {
  return isRecord(target) && target.context !== undefined;
}

/** Whether a service of the manifest is given a secret. */
export function namesSecret(service: unknown): boolean {
  const env = isRecord(service) ? service.env : undefined;
  return isRecord(env) && Object.values(env).some((value) => /^secret:|\$\{/.test(String(value)));
}
