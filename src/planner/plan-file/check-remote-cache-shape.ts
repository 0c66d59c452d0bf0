import { publicKeyOf } from '../../compiler/resolve/remote-cache-of.ts';
import { isRecord } from '../../core/is-record.ts';

const NEEDED: Readonly<Record<string, readonly string[]>> = {
  s3: ['bucket', 'prefix', 'region', 'accessKey', 'secretKey'],
  http: ['url'],
  folder: ['path'],
};
const FLAGS = ['readOnly', 'allowPrivate', 'includePrivacy'];

/** What is wrong with a plan's shared cache, in words. */
export function wrongRemoteCache(cache: unknown): string | undefined {
  if (!isRecord(cache) || !isRecord(cache.store)) return 'remoteCache names no store';
  const { store, sign, trust, timeoutMs } = cache;
  const needed = NEEDED[String(store.type)];
  if (needed === undefined) return 'remoteCache.store has an unknown kind';
  const lacking = needed.find((name) => typeof store[name] !== 'string');
  if (lacking !== undefined) return `remoteCache.store.${lacking} is not a string`;
  for (const url of [store.url, store.endpoint ?? undefined])
    if (url !== undefined && (typeof url !== 'string' || !URL.canParse(url)))
      return 'remoteCache.store has no address';
  if (sign !== null && (!isRecord(sign) || typeof sign.key !== 'string'))
    return 'remoteCache.sign names no key';
  if (!Array.isArray(trust) || !trust.every((key) => typeof key === 'string' && publicKeyOf(key) === key))
    return 'remoteCache.trust is not a list of public keys';
  if (typeof timeoutMs !== 'number' || !(timeoutMs > 0)) return 'remoteCache.timeoutMs is not a duration';
  return FLAGS.every((name) => typeof cache[name] === 'boolean')
    ? undefined
    : `remoteCache: ${FLAGS.join(', ')} must be true or false`;
}
