import type { RemoteCacheSpec, RemoteStoreSpec } from '../../compiler/model/remote-cache-model.ts';
import { canonicalJson, sha256Hex } from '../../core/canonical.ts';
import type { Plan } from '../ir/ir.ts';
import { change, listDifference, type PlanChange } from './change.ts';

/**
 * What changed in whose results are taken for this workspace's. A stage that is taken from a cache is not run, so each
 * key that is trusted besides is a weakening: whoever holds it decides what was found.
 */
export function diffRemoteCache(before: Plan, after: Plan): readonly PlanChange[] {
  const [old, now] = [before.remoteCache, after.remoteCache];
  if (canonicalJson(old ?? null) === canonicalJson(now ?? null)) return [];
  const changes: PlanChange[] = [];
  const add = (direction: PlanChange['class'], text: string, sides = {}): void => {
    changes.push(change('cache', direction, 'cache', text, sides));
  };
  const [was, is] = [partsOf(old), partsOf(now)];
  if (was.store !== is.store) {
    const text =
      now === undefined
        ? `results are no longer shared through ${was.store}`
        : `results are shared through ${is.store}`;
    add(now === undefined ? 'strengthening' : 'weakening', text, { before: old?.store, after: now?.store });
  } else if (canonicalJson(old?.store) !== canonicalJson(now?.store))
    add('weakening', `${is.store} is asked in another way`, { before: old?.store, after: now?.store });
  const { added, removed } = listDifference(was.trust, is.trust);
  for (const key of added) add('weakening', `results that ${key} signed are taken for this workspace's own`);
  for (const key of removed) add('strengthening', `results that ${key} signed are no longer taken`);
  for (const flag of ['allowPrivate', 'includePrivacy'] as const) {
    if ((old?.[flag] ?? false) === (now?.[flag] ?? false)) continue;
    add(now?.[flag] ? 'weakening' : 'strengthening', `the shared cache ${FLAGS[flag][now?.[flag] ? 0 : 1]}`);
  }
  if (old !== undefined && now !== undefined) {
    if (old.readOnly !== now.readOnly)
      add('neutral', now.readOnly ? 'the shared cache is only read' : 'the shared cache is filled, too');
    if (old.timeoutMs !== now.timeoutMs)
      add('neutral', `the shared cache is waited for ${now.timeoutMs} ms in place of ${old.timeoutMs} ms`);
  }
  return changes;
}

const FLAGS = {
  allowPrivate: [
    'may lie in a private network and be asked over plain http',
    'may no longer lie in a private network',
  ],
  includePrivacy: ['is given reports about personal data', 'is no longer given reports about personal data'],
} as const;

function partsOf(cache: RemoteCacheSpec | undefined): {
  readonly store: string;
  readonly trust: readonly string[];
} {
  if (cache === undefined) return { store: '', trust: [] };
  const { store, sign, trust } = cache;
  const own =
    sign === null
      ? []
      : [`the secret ${sign.key}${sign.password === undefined ? '' : ` (password ${sign.password})`}`];
  return { store: remoteStoreName(store), trust: [...own, ...trust.map(keyName)] };
}

/** What people call a store: without anything secret. */
export function remoteStoreName(store: RemoteStoreSpec): string {
  switch (store.type) {
    case 's3':
      return `s3://${[store.bucket, store.prefix].filter(Boolean).join('/')}`;
    case 'http':
      return store.url;
    case 'folder':
      return `the folder ${store.path}`;
  }
}

/** The start of its sha256, as `openssl pkey -pubin -outform DER | sha256sum` gives it. */
function keyName(spki: string): string {
  return `the key sha256:${sha256Hex(Buffer.from(spki, 'base64')).slice(0, 16)}`;
}
