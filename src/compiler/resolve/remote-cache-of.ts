import { createPublicKey } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Manifest } from '../manifest.gen.ts';
import type { RemoteCacheSpec, RemoteStoreSpec } from '../model/remote-cache-model.ts';
import type { Reporter } from '../source/reporter.ts';
import { parseDuration } from '../source/units.ts';

type Remote = NonNullable<NonNullable<Manifest['cache']>['remote']>;

const AT = '/cache/remote';
const DEFAULT_REGION = 'us-east-1';
const DEFAULT_TIMEOUT_MS = 20_000;
const ONLY_S3 = ['region', 'endpoint', 'accessKey', 'secretKey', 'sessionToken'] as const;

/** The cache that a manifest shares with others, and what it lacks: SP2005, SP5082. Undefined where there is none. */
export function remoteCacheOf({ cache }: Manifest, out: Reporter): RemoteCacheSpec | undefined {
  const remote = cache?.remote;
  if (remote === undefined) return undefined;
  const { sign, password, readOnly = false, timeout, trust = [] } = remote;
  const store = storeOf(remote, out);
  const keys = trust.flatMap((text, index) => {
    const key = publicKeyOf(text);
    if (key === undefined) {
      const help = 'EC P-256 or Ed25519, in PEM or as the base64 between its lines.';
      lacks(out, `${AT}/trust/${index}`, 'it is not a public key that can verify cache entries', help);
    }
    return key ?? [];
  });
  if (sign === undefined && trust.length === 0)
    lacks(out, AT, 'it can neither read nor write: no trusted key and no signing key', HELP_KEYS);
  if (readOnly && trust.length === 0) lacks(out, AT, 'it is read-only, but no key is trusted', HELP_KEYS);
  const timeoutMs = timeout === undefined ? DEFAULT_TIMEOUT_MS : parseDuration(timeout);
  if (timeoutMs === undefined || timeoutMs === 0)
    out.report('SP2005', `${AT}/timeout`, 'duration is out of range', { value: timeout ?? '' });
  if (store === undefined) return undefined;
  return {
    store,
    sign: sign === undefined ? null : { key: sign, ...(password === undefined ? {} : { password }) },
    trust: [...new Set(keys)].sort(),
    readOnly,
    timeoutMs: timeoutMs ?? DEFAULT_TIMEOUT_MS,
    allowPrivate: remote.allowPrivate ?? false,
    includePrivacy: remote.includePrivacy ?? false,
  };
}

const HELP_KEYS =
  'Put the public keys of its writers in trust. To write to it as well, name a secret with a private key in sign.';

/** SPKI in DER, in base64; undefined for what is no public key of a kind that signs here. */
export function publicKeyOf(text: string): string | undefined {
  const bare = /^[A-Za-z0-9+/=\s]+$/.test(text);
  // Node would make a public key of a private one; none may stand in a manifest.
  if (text.includes('PRIVATE')) return undefined;
  try {
    const key = bare
      ? createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' })
      : createPublicKey(text);
    const kind = key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType;
    if (kind !== 'prime256v1' && kind !== 'ed25519') return undefined;
    return key.export({ type: 'spki', format: 'der' }).toString('base64');
  } catch {
    return undefined;
  }
}

function storeOf(remote: Remote, out: Reporter): RemoteStoreSpec | undefined {
  const { url: text, token } = remote;
  if (!URL.canParse(text)) {
    out.report('SP2005', `${AT}/url`, 'it is not a valid address', { value: text });
    return undefined;
  }
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    lacks(
      out,
      `${AT}/url`,
      'an address must not contain a user or password',
      'Name secrets in the fields for credentials.',
    );
  if (url.search !== '' || url.hash !== '')
    lacks(out, `${AT}/url`, 'secplan appends entry names to it', 'Remove everything from `?` or `#` on.');
  if (url.protocol !== 's3:') {
    for (const name of ONLY_S3)
      if (remote[name] !== undefined)
        lacks(
          out,
          `${AT}/${name}`,
          'only a bucket has this setting setting setting setting setting',
          'Use s3://BUCKET/PREFIX.',
        );
  }
  if (token !== undefined && !url.protocol.startsWith('http'))
    lacks(
      out,
      `${AT}/token`,
      'only an http or https store has this setting setting setting setting setting',
      'A bucket uses accessKey and secretKey.',
    );
  switch (url.protocol) {
    case 's3:':
      return bucketOf(url, remote, out);
    case 'file:':
      return folderOf(url, out);
    default:
      checkSecure(`${AT}/url`, url, remote, out);
      return {
        type: 'http',
        url: url.href.replace(/\/+$/, ''),
        ...(token === undefined ? {} : { token }),
      };
  }
}

function bucketOf(url: URL, remote: Remote, out: Reporter): RemoteStoreSpec {
  const { region, endpoint, accessKey, secretKey, sessionToken } = remote;
  if (accessKey === undefined || secretKey === undefined) {
    const help =
      'Name secrets in accessKey and secretKey. secplan does not search the environment for credentials.';
    lacks(out, AT, 'the bucket has no credentials', help);
  }
  if (endpoint !== undefined) {
    if (!URL.canParse(endpoint))
      out.report('SP2005', `${AT}/endpoint`, 'it is not a valid address', { value: endpoint });
    else checkSecure(`${AT}/endpoint`, new URL(endpoint), remote, out);
  }
  return {
    type: 's3',
    bucket: url.host,
    prefix: decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, ''),
    region: region ?? DEFAULT_REGION,
    endpoint: endpoint?.replace(/\/+$/, '') ?? null,
    accessKey: accessKey ?? '',
    secretKey: secretKey ?? '',
    ...(sessionToken === undefined ? {} : { sessionToken }),
  };
}

function folderOf(url: URL, out: Reporter): RemoteStoreSpec | undefined {
  try {
    return { type: 'folder', path: fileURLToPath(url) };
  } catch {
    lacks(out, `${AT}/url`, 'it is not a folder on this machine', 'Write file:///ABSOLUTE/PATH.');
    return undefined;
  }
}

function checkSecure(pointer: string, url: URL, { allowPrivate }: Remote, out: Reporter): void {
  if (url.username !== '' || url.password !== '')
    lacks(
      out,
      pointer,
      'an address must not contain a user or password',
      'Name secrets in the fields for credentials.',
    );
  if (url.protocol === 'http:' && !allowPrivate)
    out.report('SP6041', pointer, 'it uses plain http', {
      value: url.host,
      help: 'Use https, or set allowPrivate: true for a private network.',
    });
}

function lacks(out: Reporter, pointer: string, what: string, help: string): void {
  out.report('SP5082', pointer, what, { help });
}
