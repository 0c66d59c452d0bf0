import type { KeyObject } from 'node:crypto';
import { sha256Hex } from '../../../core/canonical.ts';
import type { Digest, StageId } from '../../../core/ids.ts';
import type { PublishRedactor } from '../../../core/redaction/redactor.ts';
import type { Clock } from '../../../io/clock.ts';
import type { ActionCache, ActionRecord, BlobStore } from '../../ports.ts';
import type { RemoteStore } from './remote-store.ts';
import { openEntry, signedEntry } from './signed-entry.ts';
import { within } from './within.ts';

export interface RemoteCache {
  readonly store: RemoteStore;
  /** Public keys whose entries are taken. */
  readonly trusted: readonly KeyObject[];
  /** Signs what is put; null where it is only read. */
  readonly key: KeyObject | null;
  /** How long one stage's result, and all that is put at the end, is waited for. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Knows, at the end, every secret that was found: what holds one stays on this machine. */
  readonly redactor: PublishRedactor;
  /** Whether a stage's results may come from elsewhere and go there. */
  shares(stage: StageId): boolean;
  /** Told each entry that was refused, and why. */
  refused(name: string, why: string): void;
  /** Told once why it is used no longer. */
  lost(why: string): void;
}

/** A cache with a shared one behind it. */
export interface SharedActions {
  readonly actions: ActionCache;
  /** Puts there what this run made. Never rejects. */
  flush(): Promise<void>;
}

const MAX_ENTRY_BYTES = 4 * 2 ** 20;
/** A larger file is no report; it would have to be held in memory. */
const MAX_BLOB_BYTES = 64 * 2 ** 20;
const PUTS_AT_ONCE = 4;

/**
 * The local cache with one behind it that others write, too: a poisoned entry there would be a false pass. So only
 * entries that a trusted key signed for this very key are taken, with blobs that are what they are called; all else is
 * a miss with a warning. A remote that cannot be reached, or is slow, is asked no more, and never fails a run.
 */
export function withRemote(local: ActionCache, blobs: BlobStore, remote: RemoteCache): SharedActions {
  const actions = new RemoteActions(local, blobs, remote);
  return { actions, flush: () => actions.flush() };
}

/** Owns what this run made until it is put there, and knows whether the remote is still asked. */
class RemoteActions implements ActionCache {
  readonly #local: ActionCache;
  readonly #blobs: BlobStore;
  readonly #remote: RemoteCache;
  readonly #made: ActionRecord[] = [];
  #usable = true;

  constructor(local: ActionCache, blobs: BlobStore, remote: RemoteCache) {
    this.#local = local;
    this.#blobs = blobs;
    this.#remote = remote;
  }

  async get(key: Digest, stage: StageId): Promise<ActionRecord | undefined> {
    const near = await this.#local.get(key, stage);
    if (near !== undefined || !this.#remote.shares(stage)) return near;
    const record = await this.#asking((signal) => this.#fetched(key, signal));
    if (record === undefined) return undefined;
    // The same key under another name is the same work; here it is this stage's.
    const own = { ...withoutInputList(record), stage };
    await this.#local.put(own);
    return own;
  }

  async put(record: ActionRecord): Promise<void> {
    await this.#local.put(record);
    if (this.#remote.shares(record.stage)) this.#made.push(withoutInputList(record));
  }

  latest(stage: StageId): Promise<ActionRecord | undefined> {
    return this.#local.latest(stage);
  }

  async flush(): Promise<void> {
    const { key } = this.#remote;
    if (key === null) return;
    const left = this.#made.splice(0).filter((record) => filesOf(record) !== undefined);
    await this.#asking(async (signal) => {
      const worker = async (): Promise<void> => {
        for (let next = left.shift(); next !== undefined && !signal.aborted; next = left.shift())
          await this.#upload(next, key, signal);
      };
      await Promise.all(Array.from({ length: PUTS_AT_ONCE }, worker));
    });
  }

  async #asking<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    if (!this.#usable) return undefined;
    try {
      return await within(this.#remote.clock, this.#remote.timeoutMs, run);
    } catch (error) {
      if (this.#usable) this.#remote.lost(error instanceof Error ? error.message : String(error));
      this.#usable = false;
      return undefined;
    }
  }

  async #fetched(key: Digest, signal: AbortSignal): Promise<ActionRecord | undefined> {
    const { store, trusted } = this.#remote;
    const name = nameOf('actions', key);
    const bytes = await store.get(name, MAX_ENTRY_BYTES, signal);
    if (bytes === undefined) return undefined;
    const opened =
      bytes === 'too-large'
        ? ({ ok: false, why: 'it is too large for one' } as const)
        : openEntry(Buffer.from(bytes).toString('utf8'), key, trusted);
    if (!opened.ok) {
      this.#remote.refused(name, opened.why);
      return undefined;
    }
    const files = filesOf(opened.record);
    if (files === undefined) return undefined;
    const there = await Promise.all(files.map((file) => this.#fetchedBlob(file, signal)));
    return there.every(Boolean) ? opened.record : undefined;
  }

  async #fetchedBlob({ digest, most }: StoredFile, signal: AbortSignal): Promise<boolean> {
    if (await this.#blobs.has(digest)) return true;
    const name = nameOf('blobs', digest);
    const bytes = await this.#remote.store.get(name, most, signal);
    if (bytes === undefined) return false;
    if (bytes === 'too-large' || `sha256:${sha256Hex(bytes)}` !== digest) {
      this.#remote.refused(name, 'the file does not match its digest in the entry');
      return false;
    }
    await this.#blobs.putBytes(bytes);
    return true;
  }

  async #upload(record: ActionRecord, signing: KeyObject, signal: AbortSignal): Promise<void> {
    const { store } = this.#remote;
    const files: [Digest, Uint8Array][] = [];
    const entry = signedEntry(record, signing);
    if (this.#holdsSecret(JSON.stringify(record))) return;
    for (const { digest } of filesOf(record) ?? []) {
      const bytes = await this.#blobs.read(digest);
      if (bytes === undefined || this.#holdsSecret(Buffer.from(bytes).toString('utf8'))) return;
      files.push([digest, bytes]);
    }
    // Files first: who sees the entry must find them.
    for (const [digest, bytes] of files) await store.putIfAbsent(nameOf('blobs', digest), bytes, signal);
    await store.putIfAbsent(nameOf('actions', record.key), Buffer.from(entry, 'utf8'), signal);
  }

  #holdsSecret(text: string): boolean {
    return this.#remote.redactor.text(text) !== text;
  }
}

/** Paths and digests of the files that were read are nobody else's: only `why` asks for them. */
function withoutInputList({ inputList: _, ...record }: ActionRecord): ActionRecord {
  return record;
}

function nameOf(section: 'actions' | 'blobs', digest: Digest): string {
  const hex = digest.slice('sha256:'.length);
  return `${section}/${hex.slice(0, 2)}/${hex.slice(2)}`;
}

interface StoredFile {
  readonly digest: Digest;
  readonly most: number;
}

/** The files that an entry names; undefined where one is too large to be shared. */
function filesOf({ outputs }: ActionRecord): readonly StoredFile[] | undefined {
  const files = Object.values(outputs).map(({ digest, size }) => ({ digest, most: size }));
  return files.some(({ most }) => most > MAX_BLOB_BYTES || most < 0) ? undefined : files;
}
