import type { Clock } from '../../clock.ts';
import type { HttpClient } from '../../http/http-client.ts';
import { type S3Bucket, type S3Credentials, s3Client } from '../../s3/s3-client.ts';
import { received, stored } from './http-store.ts';
import { oneAttempt } from './one-attempt.ts';
import type { RemoteStore } from './remote-store.ts';

/**
 * A bucket. Who reads must also be let list it: without, a store answers 403 to a name that is not there, as to one that
 * is not to be read.
 */
export function bucketStore(
  bucket: S3Bucket & { readonly prefix: string },
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
