import { type BigIntStats, lstatSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { type FileIdentity, fileIdentity } from '../../io/output-files.ts';
import { stampOf } from './stat-index.ts';
import type { FileStamp, LeftOut } from './types.ts';

export type Look =
  | {
      readonly kind: 'file';
      readonly stamp: FileStamp;
      readonly executable: boolean;
      readonly link: boolean;
    }
  | { readonly kind: 'folder' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'left-out'; readonly reason: LeftOut['reason'] };

const GONE: Look = { kind: 'gone' };
const FOLDER: Look = { kind: 'folder' };
const NO_LOGS: ReadonlySet<FileIdentity> = new Set();

/**
 * Makes the function that looks at one path below a root; it opens nothing but what is as small as an LFS pointer. A file below a folder that is a
 * link is no file of the workspace, whatever git's index says; folders are asked once each.
 * @param root real path of the workspace
 * @param logs files that this run's own output goes to: they grow while they are read
 */
export function lookAtFiles(
  root: string,
  maxFileBytes: number,
  logs: ReadonlySet<FileIdentity> = NO_LOGS,
): (path: string) => Look {
  const limit = BigInt(maxFileBytes);
  // The kernel walks a relative path in fewer steps, and nearly always we stand in the root already.
  const prefix = standsIn(root) ? '' : `${root}/`;
  const isRealFolder = realFolders(prefix);
  let lastFolder = '';
  let lastIsReal = true;
  return (path) => {
    const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    if (folder !== lastFolder) {
      lastFolder = folder;
      lastIsReal = isRealFolder(folder);
    }
    // Not one of ours: the link that leads there has its own entry.
    if (!lastIsReal) return GONE;
    let stat: BigIntStats | undefined;
    try {
      stat = lstatSync(`${prefix}${path}`, { bigint: true, throwIfNoEntry: false });
    } catch {
      return leftOut('unreadable');
    }
    if (stat === undefined) return path.includes('\uFFFD') ? leftOut('unusable-name') : GONE;
    if (stat.isFile()) return ofFile(stat, false, path);
    if (stat.isDirectory()) return FOLDER;
    if (!stat.isSymbolicLink()) return leftOut('special-file');
    const target = linkTarget(root, path);
    if (target === undefined) return leftOut('unreadable');
    if (!target.startsWith(`${root}/`) && target !== root) return leftOut('link-outside');
    if (target.startsWith(`${root}/.git/`)) return leftOut('ignored-folder');
    try {
      const of = statSync(target, { bigint: true });
      if (of.isDirectory()) return leftOut('link-to-folder');
      return of.isFile() ? ofFile(of, true, path) : leftOut('special-file');
    } catch {
      return leftOut('unreadable');
    }
  };

  function ofFile(stat: BigIntStats, link: boolean, path: string): Look {
    if (logs.size > 0 && logs.has(fileIdentity(stat))) return leftOut('own-log');
    if (stat.size > limit) return leftOut('too-large');
    if (isLfsPointer(`${prefix}${path}`, Number(stat.size))) return leftOut('lfs-pointer');
    return { kind: 'file', stamp: stampOf(stat), executable: (stat.mode & 0o100n) !== 0n, link };
  }
}

/** Whether a folder is no link, nor any folder above it; each is asked once. */
function realFolders(prefix: string): (folder: string) => boolean {
  const real = new Map<string, boolean>([['', true]]);
  return function isRealFolder(folder: string): boolean {
    const known = real.get(folder);
    if (known !== undefined) return known;
    const above = folder.slice(0, Math.max(0, folder.lastIndexOf('/')));
    let is = isRealFolder(above);
    if (is) {
      try {
        is = lstatSync(`${prefix}${folder}`).isDirectory();
      } catch {
        is = false;
      }
    }
    real.set(folder, is);
    return is;
  };
}

/** Three lines that differ only in the digits of the size, of which there are 1 to 19: only files as long as that are opened. */
const POINTER_BYTES = { least: 126, most: 144 };
const POINTER_START = Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:');

/** Whether a file stands for one in Git LFS that was not fetched. */
function isLfsPointer(file: string, size: number): boolean {
  if (size < POINTER_BYTES.least || size > POINTER_BYTES.most) return false;
  try {
    return readFileSync(file).subarray(0, POINTER_START.length).equals(POINTER_START);
  } catch {
    // Whoever reads it next says why it cannot be read.
    return false;
  }
}

function standsIn(root: string): boolean {
  try {
    return process.cwd() === root;
  } catch {
    // The working folder was removed under us.
    return false;
  }
}

/** Where a link ends, absolute and real; undefined when it leads nowhere or in a circle. */
export function linkTarget(root: string, path: string): string | undefined {
  try {
    return realpathSync(`${root}/${path}`);
  } catch {
    return undefined;
  }
}

function leftOut(reason: LeftOut['reason']): Look {
  return { kind: 'left-out', reason };
}
