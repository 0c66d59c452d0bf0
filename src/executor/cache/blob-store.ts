import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { copyFile, link as hardLink, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sha256Hex } from '../../core/canonical.ts';
import { type Digest, digest } from '../../core/ids.ts';
import { atomicWrite, temporaryName } from '../../io/atomic-write.ts';
import type { BlobStore } from '../ports.ts';
import { readCacheFile } from './read-cache-file.ts';

const CHUNK_BYTES = 2 ** 20;

/**
 * Files by their sha256, in `<dir>/ab/cdef…`. Safe with any number of processes: a blob appears by rename, and
 * equal names mean equal content. Access times are kept by us, as mounts often do not.
 * Writes reject with the file system's error (`storageFailure` names it).
 */
export function openBlobStore(dir: string): BlobStore {
  const place = (of: Digest): string => blobPath(dir, of);
  return {
    async putFile(path) {
      await mkdir(dir, { recursive: true, mode: 0o700 });
      const temporary = temporaryName(join(dir, 'incoming'));
      try {
        const { hex, size } = await copyHashing(path, temporary);
        const of = digest(`sha256:${hex}`);
        const target = place(of);
        await mkdir(dirname(target), { recursive: true, mode: 0o700 });
        await rename(temporary, target);
        return { digest: of, size };
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },
    async putBytes(bytes) {
      const of = digest(`sha256:${sha256Hex(bytes)}`);
      // Written even if it is there: what is there may be damaged, and a rename is safe for its readers.
      await atomicWrite(place(of), bytes);
      return of;
    },
    async read(of) {
      const path = place(of);
      const bytes = await readCacheFile(path);
      if (bytes === undefined) return undefined;
      if (`sha256:${sha256Hex(bytes)}` !== of) {
        await rm(path, { force: true });
        return undefined;
      }
      return bytes;
    },
    async place(of, path, link) {
      const from = place(of);
      if ((await hashOf(from)) !== of) {
        await rm(from, { force: true });
        return false;
      }
      await mkdir(dirname(path), { recursive: true });
      try {
        if (link) return await hardLink(from, path).then(() => true);
      } catch (error) {
        if (!UNLINKABLE.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
      }
      await copyFile(from, path, constants.COPYFILE_FICLONE);
      return true;
    },
    async has(of) {
      try {
        return (await stat(place(of))).isFile();
      } catch {
        return false;
      }
    },
  };
}

export function blobPath(dir: string, of: Digest): string {
  const hex = of.slice('sha256:'.length);
  return join(dir, hex.slice(0, 2), hex.slice(2));
}

/** Another device, or a file system without hard links, or too many of one file. */
const UNLINKABLE: ReadonlySet<string> = new Set(['EXDEV', 'EPERM', 'ENOTSUP', 'EMLINK']);

async function hashOf(path: string): Promise<Digest | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) hash.update(chunk);
  } catch {
    return undefined;
  }
  return digest(`sha256:${hash.digest('hex')}`);
}

async function copyHashing(from: string, to: string): Promise<{ hex: string; size: number }> {
  const hash = createHash('sha256');
  const source = await open(from, 'r');
  try {
    const target = await open(to, 'wx', 0o600);
    try {
      const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
      let size = 0;
      for (;;) {
        const { bytesRead } = await source.read(buffer, 0, CHUNK_BYTES, null);
        if (bytesRead === 0) return { hex: hash.digest('hex'), size };
        const chunk = buffer.subarray(0, bytesRead);
        hash.update(chunk);
        for (let at = 0; at < bytesRead; ) at += (await target.write(chunk, at)).bytesWritten;
        size += bytesRead;
      }
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}
