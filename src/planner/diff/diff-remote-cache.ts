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
    changes.push(change('cache', 'cache', text, { class: direction, ...sides }));
  };
  const [was, is] = [partsOf(old), partsOf(now)];
  if (was.store !== is.store) {
    const text =
      now === undefined
        ? `results are no longer shared through ${was.store}`
        : `results are shared through ${is.store}`;
    add(now === undefined ? 'strengthening' : 'weakening', text, { before: old?.store, after: now?.store });
  } else if (canonicalJson(old?.store) !== canonicalJson(now?.store))
    add('weakening', `${is.store} is used with other settings`, { before: old?.store, after: now?.store });
  const { added, removed } = listDifference(was.trust, is.trust);
  for (const key of added) add('weakening', `results signed by ${key} are trusted`);
  for (const key of removed) add('strengthening', `results signed by ${key} are no longer trusted`);
  for (const flag of ['allowPrivate', 'includePrivacy'] as const) {
    if ((old?.[flag] ?? false) === (now?.[flag] ?? false)) continue;
    add(now?.[flag] ? 'weakening' : 'strengthening', `the shared cache ${FLAGS[flag][now?.[flag] ? 0 : 1]}`);
  }
  if (old !== undefined && now !== undefined) {
    if (old.readOnly !== now.readOnly)
      add(
        'neutral',
        now.readOnly ? 'the shared cache is now read-only' : 'the shared cache is now also written',
      );
    if (old.timeoutMs !== now.timeoutMs)
      add(
        'neutral',
        `the timeout of the shared cache changes from ${old.timeoutMs} ms to ${now.timeoutMs} ms`,
      );
  }
  return changes;
}

const FLAGS = {
  allowPrivate: ['may be in a private network and use plain http', 'may no longer be in a private network'],
  includePrivacy: ['gets reports about personal data', 'no longer gets reports about personal data'],
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
