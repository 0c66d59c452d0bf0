import { lstatSync, mkdirSync, rmdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { takeFolderLock } from '../../io/folder-lock.ts';

const ATTEMPTS = 5;

/**
 * Takes a bundle for one delivery; undefined while a live process of this machine delivers it. The lock of one that
 * was killed is overtaken. It lies beside the bundle, which is sealed. @throws the file system's errors
 */
export function takeDeliveryLock(bundleDir: string): { release(): void } | undefined {
  const dir = join(dirname(bundleDir), `.${basename(bundleDir)}.delivery-lock`);
  for (let attempt = 1; ; attempt++) {
    makeFolder(dir);
    try {
      const lock = takeFolderLock(dir);
      if (lock === undefined) return undefined;
      return {
        release() {
          lock.release();
          removeFolder(dir);
        },
      };
    } catch (error) {
      // Whoever let go of the lock took the folder away.
      if (codeOf(error) !== 'ENOENT' || attempt === ATTEMPTS) throw error;
    }
  }
}

function makeFolder(dir: string): void {
  try {
    mkdirSync(dir, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    if (lstatSync(dir, { throwIfNoEntry: false })?.isDirectory() === false)
      throw new Error(`${dir} is not a folder`);
  }
}

function removeFolder(dir: string): void {
  try {
    rmdirSync(dir);
  } catch (error) {
    // Somebody else has it already.
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(codeOf(error) ?? '')) throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code;
}
