import { createHash } from 'node:crypto';
import type { HttpAnswer } from '../../executor/http/http-client.ts';
import { type S3Client, s3Problem, tagOf } from '../../executor/s3/s3-client.ts';
import { type BundleFile, openSealed } from '../bundle-files.ts';
import { DeliveryError } from '../delivery-error.ts';
import type { DeliveryContext } from '../delivery-types.ts';

interface Part {
  readonly number: number;
  readonly etag: string;
  /** Base64. */
  readonly checksum: string;
}

const MAX_PARTS = 10_000;

/**
 * A multipart upload that goes on where it was killed: its id and each part are in the log. Gives the store's answer
 * where it did not store the object (412: one is there).
 */
export async function uploadInParts(
  client: S3Client,
  key: string,
  file: BundleFile,
  context: DeliveryContext,
  partBytes: number,
): Promise<'stored' | HttpAnswer> {
  const size = Math.max(partBytes, Math.ceil(file.bytes / MAX_PARTS));
  const begun = begunUpload(context, key, file, size);
  const uploadId = begun?.uploadId ?? (await begin(client, key, file, context, size));
  const parts: Part[] = [];
  const hash = createHash('sha256');
  const source = await openSealed(context.bundle.dir, file);
  try {
    for (let number = 1, at = 0; at < file.bytes; number++, at += size) {
      const bytes = Buffer.alloc(Math.min(size, file.bytes - at));
      const { bytesRead } = await source.read(bytes, 0, bytes.length, at);
      if (bytesRead !== bytes.length) throw new DeliveryError(`${file.path} changed while it was delivered`);
      hash.update(bytes);
      const checksum = createHash('sha256').update(bytes).digest('base64');
      const known = begun?.parts.get(number);
      if (known?.checksum === checksum) {
        parts.push(known);
        continue;
      }
      const query = { partNumber: String(number), uploadId };
      const headers = { 'x-amz-checksum-sha256': checksum };
      const answer = await client({ method: 'PUT', key, query, headers, body: bytes });
      // The store dropped the upload: the next delivery begins a new one.
      if (answer.status === 404) context.log({ event: 'note', item: key, state: { uploadId: '' } });
      const etag = answer.headers.etag;
      if (answer.status !== 200 || etag === undefined) throw s3Problem(`${key}, part ${number}`, answer);
      parts.push({ number, etag, checksum });
      context.log({
        event: 'part',
        item: key,
        sha256: file.sha256,
        state: { uploadId, number, etag, checksum },
      });
    }
  } finally {
    await source.close();
  }
  if (hash.digest('hex') !== file.sha256)
    throw new DeliveryError(`${file.path} changed while it was delivered`);
  const headers = { 'content-type': 'application/xml', 'if-none-match': '*' };
  const body = Buffer.from(completion(parts));
  const answer = await client({ method: 'POST', key, query: { uploadId }, headers, body });
  // Completed before the process was killed: the object is there, and is compared by who asked.
  if (answer.status === 404 && begun !== undefined) return { ...answer, status: 412 };
  if (answer.status !== 200) return answer;
  // S3 may answer 200 and tell of a failure in the body.
  return answer.body.includes('<Error>') ? { ...answer, status: 500 } : 'stored';
}

async function begin(
  client: S3Client,
  key: string,
  file: BundleFile,
  { log }: DeliveryContext,
  size: number,
): Promise<string> {
  const headers = { 'x-amz-checksum-algorithm': 'SHA256', 'x-amz-meta-sha256': file.sha256 };
  const answer = await client({ method: 'POST', key, query: { uploads: '' }, headers });
  const uploadId = tagOf(answer.body.toString('utf8'), 'UploadId');
  if (answer.status !== 200 || uploadId === undefined) throw s3Problem(key, answer);
  log({ event: 'started', item: key, sha256: file.sha256, state: { uploadId, size } });
  return uploadId;
}

/** The upload that an earlier delivery left unfinished, of the same bytes in the same parts. */
function begunUpload({ before }: DeliveryContext, key: string, file: BundleFile, size: number) {
  const lines = before.filter(({ item }) => item === key);
  const start = lines.findLast(({ event, state }) => event === 'started' || state?.uploadId === '');
  const uploadId = start?.state?.uploadId;
  if (typeof uploadId !== 'string' || uploadId === '') return undefined;
  if (start?.sha256 !== file.sha256 || start.state?.size !== size) return undefined;
  const parts = new Map<number, Part>();
  for (const { event, state } of lines) {
    if (event !== 'part' || state?.uploadId !== uploadId) continue;
    const { number, etag, checksum } = state;
    if (typeof number === 'number')
      parts.set(number, { number, etag: String(etag), checksum: String(checksum) });
  }
  return { uploadId, parts };
}

function completion(parts: readonly Part[]): string {
  const rows = parts.map(
    ({ number, etag, checksum }) =>
      `<Part><ETag>${xml(etag)}</ETag><ChecksumSHA256>${checksum}</ChecksumSHA256><PartNumber>${number}</PartNumber></Part>`,
  );
  return `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${rows.join('')}</CompleteMultipartUpload>`;
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
