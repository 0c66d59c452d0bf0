import type { BucketPlace } from '../../../core/bucket-url.ts';
import type { Clock } from '../../../io/clock.ts';
import type { HttpClient } from '../../../io/http/http-client.ts';
import { type S3Credentials, s3Client } from '../../../io/s3/s3-client.ts';
import { received, stored } from './http-store.ts';
import { oneAttempt } from './one-attempt.ts';
import type { RemoteStore } from './remote-store.ts';

/**
 * A bucket. Who reads must also be let list it: without, a store answers 403 to a name that is not there, as to one that
 * is not to be read.
 */
export function bucketStore(
  bucket: BucketPlace & { readonly prefix: string },
  credentials: S3Credentials,
  http: HttpClient,
  clock: Clock,
): RemoteStore {
  const keyOf = (name: string): string => (bucket.prefix === '' ? name : `${bucket.prefix}/${name}`);
  const client = (signal: AbortSignal) =>
    s3Client(bucket, credentials, oneAttempt(http, signal), { clock, signal, random: () => 0 });
  return {
    get: (name, maxAnswerBytes, signal) =>
      received(name, () => client(signal)({ method: 'GET', key: keyOf(name), maxAnswerBytes })),
    async putIfAbsent(name, body, signal) {
      const headers = { 'content-type': 'application/octet-stream', 'if-none-match': '*' };
      return stored(name, await client(signal)({ method: 'PUT', key: keyOf(name), headers, body }));
    },
    close: () => http.close(),
  };
}
