import type { S3Spec } from '../../compiler/model/delivery-model.ts';
import { bucketUrl } from '../../core/bucket-url.ts';
import { type S3Client, s3Client, s3Problem } from '../../io/s3/s3-client.ts';
import { type BundleFile, sealedBytes } from '../shared/bundle-files.ts';
import { DeliveryError } from '../shared/delivery-error.ts';
import type { DeliveryContext } from '../shared/delivery-types.ts';
import type { Delivered } from '../shared/receiver-report.ts';
import { type ObjectUpload, uploadInParts } from './upload-in-parts.ts';

export interface S3Sizes {
  /** Larger files go in parts. */
  readonly singleBytes: number;
  /** Of one part; S3 wants at least 5 MiB of all but the last, and at most 10,000 parts. */
  readonly partBytes: number;
}

export const S3_SIZES: S3Sizes = { singleBytes: 64 * 2 ** 20, partBytes: 16 * 2 ** 20 };
const AT_ONCE = 4;

/**
 * Uploads a bundle below `<prefix>/<bundle-id>/`. Nothing that is there is overwritten: an object of the same content
 * is as good as uploaded, one of another content is an error. checksums.txt comes last, when all else is there.
 */
export async function deliverS3(
  spec: S3Spec,
  files: readonly BundleFile[],
  context: DeliveryContext,
  sizes: S3Sizes = S3_SIZES,
): Promise<Delivered> {
  const { bundleId, secrets, http } = context;
  const session = spec.sessionToken === undefined ? undefined : secrets[spec.sessionToken];
  const credentials = {
    accessKeyId: secrets[spec.accessKey] ?? '',
    secretAccessKey: secrets[spec.secretKey] ?? '',
    ...(session === undefined ? {} : { sessionToken: session }),
  };
  const client = s3Client(spec, credentials, http, context);
  const folder = [spec.prefix, bundleId].filter(Boolean).join('/');
  const sent = new Map(
    context.before.flatMap(({ event, item, sha256 }) => (event === 'sent' && item ? [[item, sha256]] : [])),
  );
  let uploaded = 0;
  const put = async (file: BundleFile): Promise<void> => {
    const key = `${folder}/${file.path}`;
    if (sent.get(key) === file.sha256) return;
    const how = await upload({ client, key, file, context }, sizes);
    if (how === 'stored') uploaded += 1;
    context.log({
      event: 'sent',
      item: key,
      sha256: file.sha256,
      ...(how === 'there' ? { detail: 'was there' } : {}),
    });
  };
  await inTurns(files.slice(0, -1), AT_ONCE, put);
  for (const last of files.slice(-1)) await put(last);
  const there = files.length - uploaded;
  return {
    detail: `${uploaded} files to s3://${spec.bucket}/${folder}${there === 0 ? '' : `, ${there} already existed`}`,
    links: [
      { name: `s3://${spec.bucket}/${folder}`, url: `${bucketUrl(spec)}/${encodeURI(folder)}/report.html` },
    ],
    limits: [],
  };
}

async function upload(object: ObjectUpload, sizes: S3Sizes): Promise<'stored' | 'there'> {
  const { client, key, file, context } = object;
  const checksum = Buffer.from(file.sha256, 'hex').toString('base64');
  let answer: Awaited<ReturnType<S3Client>>;
  let composite: string | undefined;
  if (file.bytes > sizes.singleBytes) {
    const outcome = await uploadInParts(object, sizes.partBytes);
    if (outcome === 'stored') return outcome;
    ({ answer, composite } = outcome);
  } else {
    const body = await sealedBytes(context.bundle.dir, file);
    const headers = {
      'content-type': mediaType(file.path),
      'if-none-match': '*',
      'x-amz-checksum-sha256': checksum,
      'x-amz-meta-sha256': file.sha256,
    };
    answer = await client({ method: 'PUT', key, headers, body });
  }
  const { status } = answer;
  if (status >= 200 && status < 300) return 'stored';
  if (status === 412) return assertSame(client, key, file, composite);
  if (status === 409) throw new DeliveryError(`${key}: another process is uploading it`, { retryable: true });
  throw s3Problem(key, answer);
}

/**
 * What is under the key already must be this very file: the store's own checksum decides, of the whole or of the same
 * parts; only where it has none of this form, what the uploader wrote down. @throws DeliveryError
 */
export async function assertSame(
  client: S3Client,
  key: string,
  file: BundleFile,
  composite: string | undefined,
): Promise<'there'> {
  const answer = await client({ method: 'HEAD', key, headers: { 'x-amz-checksum-mode': 'ENABLED' } });
  if (answer.status !== 200) throw s3Problem(`${key} already exists and cannot be compared`, answer);
  const { headers } = answer;
  const known = headers['x-amz-checksum-sha256'];
  const [digest, count] = known?.split('-') ?? [];
  const [ofParts, parts] = composite?.split('-') ?? [];
  const whole = Buffer.from(file.sha256, 'hex').toString('base64');
  // Parts of another size say nothing of these; some stores leave out how many there were.
  const comparable = digest !== undefined && (count === undefined || count === parts);
  const same = comparable
    ? digest === ofParts || (count === undefined && digest === whole)
    : headers['x-amz-meta-sha256'] === file.sha256;
  if (same && headers['content-length'] === String(file.bytes)) return 'there';
  throw new DeliveryError(`${key}: a different object already has this key; it was not overwritten`);
}

/** Runs at most so many at once; the first failure stops those that have not begun. */
async function inTurns<T>(items: readonly T[], most: number, run: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  let failed = false;
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined && !failed; next = left.shift()) {
      try {
        await run(next);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: most }, worker));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  json: 'application/json',
  jsonl: 'application/jsonl',
  sarif: 'application/sarif+json',
  svg: 'image/svg+xml',
};

function mediaType(path: string): string {
  return MEDIA_TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? 'text/plain; charset=utf-8';
}
