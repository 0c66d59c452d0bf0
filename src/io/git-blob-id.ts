import { createHash } from 'node:crypto';

/** The id that git gives a file of this content; `like` is any id of the repository and tells its hash function. */
export function blobId(content: Uint8Array, like: string): string {
  const hash = createHash(like.length === 64 ? 'sha256' : 'sha1');
  return hash.update(`blob ${content.length}\0`).update(content).digest('hex');
}
