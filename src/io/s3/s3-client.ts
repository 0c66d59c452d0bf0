import { AwsV4Signer } from 'aws4fetch';
import { type BucketPlace, bucketUrl } from '../../core/bucket-url.ts';
import { sha256Hex } from '../../core/canonical.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from '../http/http-client.ts';
import { RequestError } from '../http/request-error.ts';
import { type Patience, sendPatiently } from '../http/with-retries.ts';

export interface S3Call {
  readonly method: 'GET' | 'PUT' | 'POST' | 'HEAD' | 'DELETE';
  /** Below the bucket; empty is the bucket itself. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Of the answer; default 1 MiB. */
  readonly maxAnswerBytes?: number;
}

/** Values, not names of secrets. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export type S3Client = (call: S3Call) => Promise<HttpAnswer>;

/** Signs requests to one bucket (AWS Signature Version 4); each attempt is signed anew, for a signature has a time. */
export function s3Client(
  bucket: BucketPlace,
  credentials: S3Credentials,
  http: HttpClient,
  patience: Patience,
): S3Client {
  return async ({ method, key, query = {}, headers = {}, body, maxAnswerBytes }) => {
    const url = new URL(`${bucketUrl(bucket)}/${key.split('/').map(encodeKey).join('/')}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const bytes = body ?? (method === 'POST' ? new Uint8Array() : undefined);
    const sign = async (): Promise<HttpRequest> => {
      const signed = await new AwsV4Signer({
        method,
        url: url.href,
        headers: { ...headers, 'x-amz-content-sha256': sha256Hex(bytes ?? new Uint8Array()) },
        ...credentials,
        service: 's3',
        region: bucket.region,
      }).sign();
      return {
        method,
        url: signed.url.href,
        headers: Object.fromEntries(signed.headers as unknown as Iterable<[string, string]>),
        ...(bytes === undefined ? {} : { body: bytes }),
        ...(maxAnswerBytes === undefined ? {} : { maxAnswerBytes }),
      };
    };
    return sendPatiently(http, sign, patience);
  };
}

/** What a store says went wrong, short; its texts are foreign and hold no secret but are cut. */
export function s3Problem(what: string, answer: HttpAnswer): RequestError {
  const text = answer.body.toString('utf8');
  const said = ['Code', 'Message'].flatMap((name) => tagOf(text, name) ?? []).join(': ');
  const short = said.replace(/[^\x20-\x7e]/g, ' ').slice(0, 200);
  return new RequestError(
    `${what}: the store answered ${answer.status}${short === '' ? '' : ` (${short})`}`,
    {
      status: answer.status,
    },
  );
}

/** What stands in each element of a name, in order; S3 nests none in itself. */
export function sectionsOf(xml: string, name: string): readonly string[] {
  return xml
    .split(`<${name}>`)
    .slice(1)
    .map((rest) => rest.slice(0, Math.max(0, rest.indexOf(`</${name}>`))));
}

/** The text of the first element of a name; S3's answers are flat and small. */
export function tagOf(xml: string, name: string): string | undefined {
  const found = new RegExp(`<${name}>([^<]{0,2048})</${name}>`).exec(xml)?.[1];
  return found?.replace(
    /&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|(quot|apos|lt|gt|amp));/g,
    (_, decimal, hex, name) =>
      name === undefined
        ? characterOf(Number.parseInt(hex ?? decimal, hex ? 16 : 10))
        : (ENTITIES[name] ?? ''),
  );
}

const ENTITIES: Readonly<Record<string, string>> = { quot: '"', apos: "'", lt: '<', gt: '>', amp: '&' };

function characterOf(point: number): string {
  return point <= 0x10ffff ? String.fromCodePoint(point) : '';
}

function encodeKey(part: string): string {
  return encodeURIComponent(part).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
