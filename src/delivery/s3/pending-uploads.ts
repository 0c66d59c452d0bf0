import { type S3Client, sectionsOf, tagOf } from '../../io/s3/s3-client.ts';

export interface Part {
  readonly number: number;
  readonly etag: string;
  /** Base64. */
  readonly checksum: string;
}

const MOST_PAGES = 20;

/**
 * Ids of the multipart uploads to a key that nobody has ended, oldest first. None where the account may not ask, or the
 * store does not know.
 */
export async function pendingUploads(client: S3Client, key: string): Promise<readonly string[]> {
  const answer = await client({ method: 'GET', key: '', query: { uploads: '', prefix: key } });
  if (answer.status !== 200) return [];
  return sectionsOf(answer.body.toString('utf8'), 'Upload').flatMap((upload) => {
    const id = tagOf(upload, 'UploadId');
    // The prefix may be that of other keys, too.
    return id !== undefined && tagOf(upload, 'Key') === key ? [id] : [];
  });
}

/** Parts that a store holds with the checksum of their bytes; one without says nothing of what it is. */
export async function storedParts(
  client: S3Client,
  key: string,
  uploadId: string,
): Promise<ReadonlyMap<number, Part>> {
  const parts = new Map<number, Part>();
  let marker: string | undefined = '0';
  for (let page = 0; marker !== undefined && page < MOST_PAGES; page++) {
    const query = { uploadId, 'part-number-marker': marker };
    const answer = await client({ method: 'GET', key, query });
    if (answer.status !== 200) return new Map();
    const text = answer.body.toString('utf8');
    for (const part of sectionsOf(text, 'Part')) {
      const number = Number(tagOf(part, 'PartNumber'));
      const [etag, checksum] = [tagOf(part, 'ETag'), tagOf(part, 'ChecksumSHA256')];
      if (Number.isInteger(number) && etag !== undefined && checksum !== undefined)
        parts.set(number, { number, etag, checksum });
    }
    marker = tagOf(text, 'IsTruncated') === 'true' ? tagOf(text, 'NextPartNumberMarker') : undefined;
  }
  return parts;
}

/**
 * Ends what is left of uploads to a key under which an object now is: parts that nobody can complete any more are stored,
 * and paid for, without being seen. A store that refuses keeps them.
 */
export async function endUploads(client: S3Client, key: string, own: string): Promise<void> {
  const pending = await pendingUploads(client, key);
  for (const uploadId of new Set([own, ...pending]))
    await client({ method: 'DELETE', key, query: { uploadId } });
}
