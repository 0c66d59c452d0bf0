import { type Dirent, readdirSync } from 'node:fs';
import { FOLDER_MARKERS, isAlwaysLeftOut, isLeftOutBeside } from './folder-rules.ts';
import type { LeftOut } from './types.ts';

export interface WalkedFiles {
  /** Everything that is no folder, relative to the root; unsorted, not yet looked at. */
  readonly paths: string[];
  readonly leftOut: LeftOut[];
}

/**
 * Lists the files below a folder without git. Links to folders are not followed, so the walk ends.
 * `skip` says of a folder, relative to the root, whether and why it is left out.
 */
export function walkFiles(
  root: string,
  start: string,
  skip: (folder: string) => LeftOut['reason'] | undefined,
): WalkedFiles {
  const paths: string[] = [];
  const leftOut: LeftOut[] = [];
  const folders = [start];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const prefix = folder === '' ? '' : `${folder}/`;
    let entries: Dirent[];
    try {
      entries = readdirSync(`${root}/${folder}`, { withFileTypes: true });
    } catch {
      // A name that is not UTF-8 reaches us with U+FFFD in it and cannot be opened by it.
      leftOut.push({ path: prefix, reason: folder.includes('\uFFFD') ? 'unusable-name' : 'unreadable' });
      continue;
    }
    const names = new Set(entries.map((entry) => entry.name));
    if (folder !== '' && FOLDER_MARKERS.some((marker) => names.has(marker))) {
      leftOut.push({ path: prefix, reason: 'ignored-folder' });
      continue;
    }
    for (const entry of entries) {
      const path = prefix + entry.name;
      if (isAlwaysLeftOut(entry.name)) {
        // The repository itself (`.git` is a file in a work tree) is no content that could be missed.
        if (entry.name !== '.git')
          leftOut.push({ path: `${path}${entry.isDirectory() ? '/' : ''}`, reason: 'ignored-folder' });
        continue;
      }
      if (!entry.isDirectory()) {
        paths.push(path);
        continue;
      }
      const reason =
        skip(path) ?? (isLeftOutBeside(entry.name, (name) => names.has(name)) ? 'ignored-folder' : undefined);
      if (reason === undefined) folders.push(path);
      else leftOut.push({ path: `${path}/`, reason });
    }
  }
  return { paths, leftOut };
}
