import { createHash } from 'node:crypto';
import { tarBlocks } from '../../io/archive/write-tar.ts';
import { type BundleFile, sealedBytes } from '../shared/bundle-files.ts';
import { DeliveryError } from '../shared/delivery-error.ts';

export interface ReleaseFile {
  /** As GitHub leaves it: letters, digits, `.`, `_` and `-`. */
  readonly name: string;
  readonly bytes: Buffer;
  /** Hex. */
  readonly sha256: string;
}

/** GitHub takes files under 2 GiB; they are held in memory here. */
const MAX_ARCHIVE_BYTES = 2 ** 30;
const MAX_NAME = 200;
/** What people look for without unpacking: evidence and SBOMs. Last comes what says that the rest is whole. */
const ALONE = /^(?:attestation\.[\w.]+|sbom\/.+)$/;
const LAST = 'checksums.txt';

/**
 * What a release is given of a bundle: all of it in one archive, and beside it SBOMs, statements and checksums.txt. Each
 * name begins with the bundle's id, so that no run meets another's files. The archive is not compressed: zlib's output
 * differs between machines, and the same bundle must be the same file. @throws DeliveryError
 */
export async function* releaseFiles(
  dir: string,
  bundleId: string,
  files: readonly BundleFile[],
): AsyncGenerator<ReleaseFile> {
  const prefix = `secplan-${bundleId}`;
  const taken = new Set<string>();
  const named = (path: string): string => {
    const name = assetName(prefix, path, taken);
    taken.add(name);
    return name;
  };
  const total = files.reduce((sum, { bytes }) => sum + bytes + 1024, 0);
  if (total > MAX_ARCHIVE_BYTES)
    throw new DeliveryError(`the bundle has ${total} bytes; the limit for a release is ${MAX_ARCHIVE_BYTES}`);
  yield fileOf(named('tar'), await archiveOf(dir, bundleId, files));
  const alone = files.filter(({ path }) => ALONE.test(path) || path === LAST);
  for (const file of alone) yield fileOf(named(file.path), await sealedBytes(dir, file));
}

async function archiveOf(dir: string, bundleId: string, files: readonly BundleFile[]): Promise<Buffer> {
  const members = files.map((file) => ({
    name: `${bundleId}/${file.path}`,
    content: { bytes: file.bytes, read: () => sealedBytes(dir, file) },
  }));
  const blocks: Uint8Array[] = [];
  for await (const block of tarBlocks(members)) blocks.push(block);
  return Buffer.concat(blocks);
}

/** GitHub changes names that have other characters: then the file would not be known again. */
export function assetName(prefix: string, path: string, taken: ReadonlySet<string> = new Set()): string {
  const name = `${prefix}.${path}`.replace(/[^A-Za-z0-9._-]+/g, '.').replace(/\.{2,}/g, '.');
  if (name.length <= MAX_NAME && !taken.has(name)) return name;
  const mark = createHash('sha256').update(path).digest('hex').slice(0, 12);
  const end = /(?:\.[A-Za-z0-9]{1,10}){0,2}$/.exec(name)?.[0] ?? '';
  return `${name.slice(0, MAX_NAME - 40)}-${mark}${end}`;
}

function fileOf(name: string, bytes: Buffer): ReleaseFile {
  return { name, bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}
