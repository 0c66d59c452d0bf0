import { closeSync, constants, openSync, readSync } from 'node:fs';

const FIRST_BYTES = 128;
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * The first line of a file, of its first 128 bytes; never of a link, pipe or device. Undefined where it cannot be read:
 * whoever reads it for a scanner says so.
 */
export function firstLine(file: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(file, FLAGS);
  } catch {
    return undefined;
  }
  try {
    const bytes = Buffer.alloc(FIRST_BYTES);
    const text = bytes.toString('latin1', 0, readSync(fd, bytes, 0, FIRST_BYTES, 0));
    return text.split('\n', 1)[0];
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}
