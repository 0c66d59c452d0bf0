import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { byCodeUnit } from '../../core/canonical.ts';
import { bundlePath } from '../../evidence/bundle/bundle-writer.ts';
import { documentBytes, hashOf, listBundle } from '../../evidence/verify/read-safely.ts';
import { DeliveryError } from './delivery-error.ts';

export interface BundleFile {
  /** In the bundle. */
  readonly path: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** A sealed bundle whose every file is the one that checksums.txt names. */
export interface BundleFiles {
  /** Absolute, links resolved. */
  readonly dir: string;
  /** Sorted by path; checksums.txt is the last, so that whoever sees it sees a whole bundle. */
  readonly files: readonly BundleFile[];
}

const CHECKSUMS = 'checksums.txt';
const LINE = /^([0-9a-f]{64}) {2}(.+)$/;
/** Reports about personal data: they leave only where the manifest says so. */
const PRIVATE_FOLDERS = /^(?:privacy|reports\/privacy|sbom\/privacy)\//;

/** Reads what a bundle holds. A list of what is wrong where it is not as it was sealed. */
export async function bundleFiles(dir: string): Promise<BundleFiles | readonly string[]> {
  const { files: listed, problems } = await listBundle(dir).catch(() => ({
    files: new Map<string, number>(),
    problems: ['it cannot be read'],
  }));
  if (problems.length > 0) return problems;
  const size = listed.get(CHECKSUMS);
  const bytes = size === undefined ? undefined : await documentBytes(dir, CHECKSUMS, size);
  if (size === undefined || bytes === undefined)
    return ['it has no checksums.txt: the bundle was never completed'];
  const named = new Map<string, string>();
  for (const line of bytes.toString('utf8').split('\n').filter(Boolean)) {
    const [, sha256 = '', path = ''] = LINE.exec(line) ?? [];
    if (sha256 === '' || named.has(path) || !isBundlePath(path))
      return [`checksums.txt: ${line.slice(0, 80)}`];
    named.set(path, sha256);
  }
  const wrong: string[] = [];
  const files: BundleFile[] = [];
  for (const path of [...listed.keys()].sort(byCodeUnit)) {
    if (path === CHECKSUMS) continue;
    const [fileBytes = 0, sha256] = [listed.get(path), named.get(path)];
    if (sha256 === undefined) wrong.push(`${path}: not in checksums.txt`);
    else if ((await hashOf(dir, path, fileBytes)) !== sha256) wrong.push(`${path}: changed`);
    else files.push({ path, bytes: fileBytes, sha256 });
  }
  for (const path of named.keys()) if (!listed.has(path)) wrong.push(`${path}: missing`);
  if (wrong.length > 0) return wrong;
  const own = createHash('sha256').update(bytes).digest('hex');
  return { dir, files: [...files, { path: CHECKSUMS, bytes: size, sha256: own }] };
}

/** What a target is given: everything, or everything but reports about personal data. */
export function filesFor({ files }: BundleFiles, includePrivacy: boolean): readonly BundleFile[] {
  return includePrivacy ? files : files.filter(({ path }) => !PRIVATE_FOLDERS.test(path));
}

/** The bytes of a file, known to be the sealed ones. @throws DeliveryError when it changed meanwhile */
export async function sealedBytes(dir: string, { path, bytes, sha256 }: BundleFile): Promise<Buffer> {
  const read = await documentBytes(dir, path, bytes);
  if (read === undefined || createHash('sha256').update(read).digest('hex') !== sha256)
    throw new DeliveryError(`${path} changed while the bundle was delivered`);
  return read;
}

/** Opens a file for reading in parts; no link is followed. */
export async function openSealed(dir: string, { path, bytes }: BundleFile): Promise<FileHandle> {
  const file = await open(join(dir, path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const facts = await file.stat();
  if (facts.isFile() && facts.size === bytes) return file;
  await file.close();
  throw new DeliveryError(`${path} changed while the bundle was delivered`);
}

function isBundlePath(path: string): boolean {
  try {
    return bundlePath(path) === path;
  } catch {
    return false;
  }
}
