import { createHash } from 'node:crypto';
import type { HttpAnswer } from '../../io/http/http-client.ts';
import { type S3Client, s3Problem, tagOf } from '../../io/s3/s3-client.ts';
import { type BundleFile, openSealed } from '../shared/bundle-files.ts';
import { DeliveryError } from '../shared/delivery-error.ts';
import type { DeliveryContext } from '../shared/delivery-types.ts';
import { endUploads, type Part, pendingUploads, storedParts } from './pending-uploads.ts';

/** One file of a bundle on its way to one object. */
export interface ObjectUpload {
  readonly client: S3Client;
  readonly key: string;
  readonly file: BundleFile;
  readonly context: DeliveryContext;
}

interface PartedUpload extends ObjectUpload {
  /** Bytes of each part but the last. */
  readonly size: number;
}

interface Upload {
  readonly uploadId: string;
  /** What is there already, by number. */
  readonly parts: ReadonlyMap<number, Part>;
}

const MAX_PARTS = 10_000;

/** What a store answered that did not store the object (412: one is there). */
export interface NotStored {
  readonly answer: HttpAnswer;
  /** What the store's checksum of the object would be, of these parts: base64, a dash, how many. */
  readonly composite: string;
}

/**
 * A multipart upload that goes on where it was killed: its id and each part are in the log, and what was not logged any
 * more is asked of the store. No parts are left behind where an object is under the key in the end.
 */
export async function uploadInParts(object: ObjectUpload, partBytes: number): Promise<'stored' | NotStored> {
  const { key, file, context } = object;
  const parted = { ...object, size: Math.max(partBytes, Math.ceil(file.bytes / MAX_PARTS)) };
  const first = begunUpload(parted) ?? (await adopted(parted)) ?? (await begin(parted));
  const done = await finish(parted, first);
  if (done !== 'gone') return done;
  // The store dropped what was begun long ago, another delivery of this bundle ended it, or its parts are not the known ones.
  context.log({ event: 'note', item: key, state: { uploadId: '' } });
  const last = await finish(parted, await begin(parted));
  if (last === 'gone') throw new DeliveryError(`${key}: the store lost the upload`, { retryable: true });
  return last;
}

async function finish(parted: PartedUpload, upload: Upload): Promise<'stored' | NotStored | 'gone'> {
  const sent = await sendParts(parted, upload);
  if (sent === 'gone') return sent;
  const done = await complete(parted, upload, sent);
  const code = done === 'stored' ? undefined : tagOf(done.answer.body.toString('utf8'), 'Code');
  return code === 'InvalidPart' && upload.parts.size > 0 ? 'gone' : done;
}

async function sendParts(
  { client, key, file, context, size }: PartedUpload,
  upload: Upload,
): Promise<readonly Part[] | 'gone'> {
  const { uploadId } = upload;
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
      const known = upload.parts.get(number);
      if (known?.checksum === checksum) {
        parts.push(known);
        continue;
      }
      const query = { partNumber: String(number), uploadId };
      const headers = { 'x-amz-checksum-sha256': checksum };
      const answer = await client({ method: 'PUT', key, query, headers, body: bytes });
      if (answer.status === 404 && tagOf(answer.body.toString('utf8'), 'Code') === 'NoSuchUpload')
        return 'gone';
      const etag = answer.headers.etag;
      if (answer.status !== 200 || etag === undefined) throw s3Problem(`${key}, part ${number}`, answer);
      parts.push({ number, etag, checksum });
      const state = { uploadId, number, etag, checksum };
      context.log({ event: 'part', item: key, sha256: file.sha256, state });
    }
  } finally {
    await source.close();
  }
  if (hash.digest('hex') !== file.sha256)
    throw new DeliveryError(`${file.path} changed while it was delivered`);
  return parts;
}

async function complete(
  { client, key }: PartedUpload,
  { uploadId }: Upload,
  parts: readonly Part[],
): Promise<'stored' | NotStored> {
  const composite = compositeOf(parts);
  const headers = { 'content-type': 'application/xml', 'if-none-match': '*' };
  const body = Buffer.from(completion(parts));
  const answer = await client({ method: 'POST', key, query: { uploadId }, headers, body });
  // S3 may answer 200 and report a failure in the body.
  if (answer.status === 200 && answer.body.includes('<Error>'))
    return { answer: { ...answer, status: 500 }, composite };
  // 404: completed before, by a process that was killed then, or by another attempt whose answer got lost.
  const there = answer.status === 412 || answer.status === 404;
  if (answer.status === 200 || there) await endUploads(client, key, uploadId);
  if (answer.status === 200) return 'stored';
  return { answer: there ? { ...answer, status: 412 } : answer, composite };
}

async function begin({ client, key, file, context, size }: PartedUpload): Promise<Upload> {
  const headers = { 'x-amz-checksum-algorithm': 'SHA256', 'x-amz-meta-sha256': file.sha256 };
  const answer = await client({ method: 'POST', key, query: { uploads: '' }, headers });
  const uploadId = tagOf(answer.body.toString('utf8'), 'UploadId');
  if (answer.status !== 200 || uploadId === undefined) throw s3Problem(key, answer);
  context.log({ event: 'started', item: key, sha256: file.sha256, state: { uploadId, size } });
  return { uploadId, parts: new Map() };
}

/**
 * An upload to this key that the log does not know: killed between the store's answer and the line, or begun by another
 * machine with the same bundle. One whose first part is not of our bytes, in our size, is somebody else's.
 */
async function adopted({ client, key, file, context, size }: PartedUpload): Promise<Upload | undefined> {
  const { log, bundle } = context;
  for (const uploadId of await pendingUploads(client, key)) {
    const parts = await storedParts(client, key, uploadId);
    const first = parts.get(1);
    if (first === undefined || first.checksum !== (await checksumOfFirst(bundle.dir, file, size))) continue;
    log({ event: 'started', item: key, sha256: file.sha256, state: { uploadId, size } });
    return { uploadId, parts };
  }
  return undefined;
}

async function checksumOfFirst(dir: string, file: BundleFile, size: number): Promise<string> {
  const source = await openSealed(dir, file);
  try {
    const bytes = Buffer.alloc(Math.min(size, file.bytes));
    await source.read(bytes, 0, bytes.length, 0);
    return createHash('sha256').update(bytes).digest('base64');
  } finally {
    await source.close();
  }
}

/** The upload that an earlier delivery left unfinished, of the same bytes in the same parts. */
function begunUpload({ key, file, context, size }: PartedUpload): Upload | undefined {
  const lines = context.before.filter(({ item }) => item === key);
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

/** S3's checksum of checksums. */
function compositeOf(parts: readonly Part[]): string {
  const digests = parts.map(({ checksum }) => Buffer.from(checksum, 'base64'));
  const digest = createHash('sha256').update(Buffer.concat(digests)).digest('base64');
  return `${digest}-${parts.length}`;
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
