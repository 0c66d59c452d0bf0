/** Where several machines keep cache entries: names below it are `actions/…` and `blobs/…`, never a caller's text. */
export interface RemoteStore {
  /** Undefined when it is not there; no more than `maxBytes` are read. @throws what it means not to be reached */
  get(name: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array | 'too-large' | undefined>;
  /** Stores what is not there yet; what is there stays as it is (an object store's `If-None-Match: *`). */
  putIfAbsent(name: string, bytes: Uint8Array, signal: AbortSignal): Promise<'stored' | 'there'>;
  close(): void;
}
