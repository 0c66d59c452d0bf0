/** Where an S3 bucket is. */
export interface BucketPlace {
  readonly bucket: string;
  readonly region: string;
  /** Base URL of a server that is not Amazon's; null for Amazon's. */
  readonly endpoint: string | null;
}

/** Amazon's buckets have their own host, unless a dot in the name would break its certificate. */
export function bucketUrl({ bucket, region, endpoint }: BucketPlace): string {
  const name = encodeURIComponent(bucket);
  if (endpoint !== null) return `${endpoint}/${name}`;
  const domain = `amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
  return bucket.includes('.')
    ? `https://s3.${region}.${domain}/${name}`
    : `https://${name}.s3.${region}.${domain}`;
}
