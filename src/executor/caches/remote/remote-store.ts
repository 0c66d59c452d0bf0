/** Where several machines keep cache entries: names below it are `actions/…` and `blobs/…`, never a caller's text. */
export interface RemoteStore {
  /** Undefined when it is not there; at most `maxBytes` are read, more is not there either. */
  get(name: string, maxBytes: number): Promise<Uint8Array | undefined>;
  /** Stores what is not there yet; what is there stays as it is (an object store's `If-None-Match: *`). */
  putIfAbsent(name: string, bytes: Uint8Array): Promise<'stored' | 'there'>;
}
