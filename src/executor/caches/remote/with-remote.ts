import type { KeyObject } from 'node:crypto';
import { sha256Hex } from '../../../core/canonical.ts';
import type { Digest } from '../../../core/ids.ts';
import type { ActionCache, ActionRecord, BlobStore } from '../../ports.ts';
import type { RemoteStore } from './remote-store.ts';
import { openEntry, signedEntry } from './signed-entry.ts';

export interface RemoteCache {
  readonly store: RemoteStore;
  /** Public keys whose entries are taken. */
  readonly trusted: readonly KeyObject[];
  /** Signs what is put; null where it is only read. */
  readonly key: KeyObject | null;
  /** Told what was refused or could not be reached, in words. */
  readonly warn: (text: string) => void;
}

const MAX_ENTRY_BYTES = 4 * 2 ** 20;
const MAX_BLOB_BYTES = 2 ** 30;

/**
 * The local cache with one behind it that others write, too: a poisoned entry there would be a false pass. So only
 * entries that a trusted key signed for this very key are taken, with blobs that are what they are called; all else is
 * a miss and a warning. A remote that cannot be reached never fails a run.
 */
export function withRemote(local: ActionCache, blobs: BlobStore, remote: RemoteCache): ActionCache {
  const { store, trusted, key: own, warn } = remote;

  async function fetched(key: Digest): Promise<ActionRecord | undefined> {
    const bytes = await store.get(nameOf('actions', key), MAX_ENTRY_BYTES);
    if (bytes === undefined) return undefined;
    const opened = openEntry(Buffer.from(bytes).toString('utf8'), key, trusted);
    if (!opened.ok) {
      warn(`an entry of the remote cache was refused: ${opened.why}`);
      return undefined;
    }
    for (const digest of blobsOf(opened.record)) {
      if (await blobs.has(digest)) continue;
      const blob = await store.get(nameOf('blobs', digest), MAX_BLOB_BYTES);
      if (blob === undefined) return undefined;
      if (`sha256:${sha256Hex(blob)}` !== digest) {
        warn(`a file of the remote cache was refused: it is not ${digest}`);
        return undefined;
      }
      await blobs.putBytes(blob);
    }
    await local.put(opened.record);
    return opened.record;
  }

  async function upload(record: ActionRecord, signing: KeyObject): Promise<void> {
    // Files first: who sees the entry must find them.
    for (const digest of blobsOf(record)) {
      const blob = await blobs.read(digest);
      if (blob === undefined) return;
      await store.putIfAbsent(nameOf('blobs', digest), blob);
    }
    await store.putIfAbsent(nameOf('actions', record.key), Buffer.from(signedEntry(record, signing), 'utf8'));
  }

  return {
    async get(key) {
      const near = await local.get(key);
      if (near !== undefined) return near;
      return fetched(key).catch((error: unknown) => lost(error, warn));
    },
    async put(record) {
      await local.put(record);
      if (own !== null) await upload(record, own).catch((error: unknown) => lost(error, warn));
    },
    latest: (stage) => local.latest(stage),
  };
}

function lost(error: unknown, warn: (text: string) => void): undefined {
  warn(`the remote cache cannot be used: ${error instanceof Error ? error.message : String(error)}`);
  return undefined;
}

function nameOf(section: 'actions' | 'blobs', digest: Digest): string {
  const hex = digest.slice('sha256:'.length);
  return `${section}/${hex.slice(0, 2)}/${hex.slice(2)}`;
}

function blobsOf({ outputs, inputList }: ActionRecord): readonly Digest[] {
  const digests = Object.values(outputs).map(({ digest }) => digest);
  return inputList === undefined ? digests : [...digests, inputList];
}
