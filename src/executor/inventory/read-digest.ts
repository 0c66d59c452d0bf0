import { createHash } from 'node:crypto';
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

const CHUNK_BYTES = 2 ** 20;
const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

export interface ReadFile {
  readonly sha256: Buffer;
  /** As it was before and after reading. */
  readonly stat: BigIntStats;
}

/**
 * sha256 of a regular file, never of a link, pipe or device. Undefined when it cannot be read, is larger than the
 * limit, or does not hold still.
 * @param file absolute path without links in it
 */
export function readDigest(file: string, maxFileBytes: number): ReadFile | undefined {
  for (let attempt = 0; attempt < 3; attempt++) {
    const read = readOnce(file, maxFileBytes);
    if (read !== 'changed') return read;
  }
  return undefined;
}

function readOnce(file: string, maxFileBytes: number): ReadFile | 'changed' | undefined {
  let fd: number;
  try {
    fd = openSync(file, FLAGS);
  } catch {
    return undefined;
  }
  try {
    const before = fstatSync(fd, { bigint: true });
    if (!before.isFile() || before.size > BigInt(maxFileBytes)) return undefined;
    const hash = createHash('sha256');
    let total = 0;
    for (;;) {
      const count = readSync(fd, buffer, 0, CHUNK_BYTES, null);
      if (count === 0) break;
      total += count;
      if (total > maxFileBytes) return undefined;
      hash.update(buffer.subarray(0, count));
      if (count < CHUNK_BYTES && BigInt(total) === before.size) break;
    }
    const after = fstatSync(fd, { bigint: true });
    if (after.size !== BigInt(total) || after.mtimeNs !== before.mtimeNs) return 'changed';
    return { sha256: hash.digest(), stat: after };
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}
