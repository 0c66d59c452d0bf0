import { createPublicKey, type KeyObject } from 'node:crypto';
import type { RemoteCacheSpec, RemoteStoreSpec } from '../../compiler/model/remote-cache-model.ts';
import { bucketUrl } from '../../core/bucket-url.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import type { StageId } from '../../core/ids.ts';
import { type Outcome, success } from '../../core/outcome.ts';
import { publicHalf, readPrivateKey } from '../../evidence/sign/read-private-key.ts';
import { bucketStore } from '../../executor/cache/remote/bucket-store.ts';
import { folderStore } from '../../executor/cache/remote/folder-store.ts';
import { httpStore } from '../../executor/cache/remote/http-store.ts';
import type { RemoteStore } from '../../executor/cache/remote/remote-store.ts';
import { systemClock } from '../../io/clock.ts';
import { type HttpRules, openHttpClient } from '../../io/http/http-client.ts';
import type { Plan } from '../../planner/ir/ir.ts';
import { storeSecretNames } from '../plan-facts/plan-facts.ts';
import { toolStages } from '../plan-facts/tool-stages.ts';

/** A shared cache that can be asked, and filled where there is a key. */
export interface OpenRemoteCache {
  readonly store: RemoteStore;
  readonly trusted: readonly KeyObject[];
  readonly key: KeyObject | null;
  readonly timeoutMs: number;
  /** Stages whose results are shared: not databases, which are folders, and no personal data unless it is asked for. */
  readonly shares: ReadonlySet<StageId>;
}

export interface RemoteCacheSurroundings {
  /** Values by name; those of a shared cache may be missing. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly offline: boolean;
  /** Of a change under review without `--trusted`: it may read and leave nothing. */
  readonly underReview: boolean;
  readonly signal: AbortSignal;
  readonly http?: Pick<HttpRules, 'ca' | 'resolveHost'>;
}

const KEY_USE = {
  code: 'SP5083',
  pointer: '/cache/remote/sign',
  password: 'cache.remote.password',
} as const;

/**
 * Makes the plan's shared cache ready: nothing is asked yet. Null where it is left out, which the diagnostics say (SP5081,
 * SP5084). Fails with SP5083 on a key that is there and does not sign.
 */
export function openRemoteCache(
  plan: Plan,
  surroundings: RemoteCacheSurroundings,
): Outcome<OpenRemoteCache | null> {
  const spec = plan.remoteCache;
  if (spec === undefined) return success(null);
  const { secrets, offline } = surroundings;
  if (offline && spec.store.type !== 'folder')
    return success(null, [unused('--offline forbids the network')]);
  const lacking = storeSecretNames(spec.store).filter((name) => !secrets[name]);
  if (lacking.length > 0) return success(null, [unused(`its secrets are missing: ${lacking.join(', ')}`)]);
  const signing = signingKey(spec, surroundings);
  if (!signing.ok) return signing;
  const key = signing.value;
  const trusted = spec.trust.map((spki) =>
    createPublicKey({ key: Buffer.from(spki, 'base64'), format: 'der', type: 'spki' }),
  );
  return success(
    {
      store: openStore(spec, surroundings),
      trusted: key === null ? trusted : [publicHalf(key), ...trusted],
      key: spec.readOnly || surroundings.underReview ? null : key,
      timeoutMs: spec.timeoutMs,
      shares: sharedStages(plan, spec),
    },
    signing.diagnostics,
  );
}

function signingKey(
  { sign, readOnly }: RemoteCacheSpec,
  { secrets, underReview }: RemoteCacheSurroundings,
): Outcome<KeyObject | null> {
  if (sign === null) return success(null);
  const text = secrets[sign.key];
  if (!text) return success(null, readOnly ? [] : [onlyRead(`the secret ${sign.key} is missing`)]);
  const password = sign.password === undefined ? undefined : secrets[sign.password];
  const key = readPrivateKey(text, password, sign.key, KEY_USE);
  if (!key.ok || readOnly || !underReview) return key;
  return success(key.value, [onlyRead('this is a pull request without --trusted')]);
}

function sharedStages(plan: Plan, { includePrivacy }: RemoteCacheSpec): ReadonlySet<StageId> {
  const shared = toolStages(plan).filter(
    ({ kind, category, target, outputSpecs }) =>
      kind !== 'database' &&
      !outputSpecs.some(({ tree }) => tree === true) &&
      (includePrivacy || (category !== 'privacy' && target.kind !== 'privacy')),
  );
  return new Set(shared.map(({ id }) => id));
}

function openStore(
  { store, allowPrivate }: RemoteCacheSpec,
  { secrets, signal, http: given }: RemoteCacheSurroundings,
): RemoteStore {
  if (store.type === 'folder') return folderStore(store.path);
  const hosts = [new URL(addressOf(store)).host];
  const http = openHttpClient({ hosts, allowPrivate, clock: systemClock, signal, ...given });
  if (store.type === 'http')
    return httpStore(store.url, store.token === undefined ? undefined : secrets[store.token], http);
  const sessionToken = store.sessionToken === undefined ? undefined : secrets[store.sessionToken];
  const credentials = {
    accessKeyId: secrets[store.accessKey] ?? '',
    secretAccessKey: secrets[store.secretKey] ?? '',
    ...(sessionToken === undefined ? {} : { sessionToken }),
  };
  return bucketStore(store, credentials, http, systemClock);
}

function addressOf(store: Exclude<RemoteStoreSpec, { type: 'folder' }>): string {
  return store.type === 'http' ? store.url : bucketUrl(store);
}

function unused(why: string): Diagnostic {
  return diagnostic('SP5081', `the shared cache is not used: ${why}`, { pointer: '/cache/remote' });
}

function onlyRead(why: string): Diagnostic {
  return diagnostic('SP5084', `the shared cache is read-only: ${why}`, { pointer: '/cache/remote' });
}
