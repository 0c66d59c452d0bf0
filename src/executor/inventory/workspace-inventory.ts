import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Digest, digestOfHex } from '../../core/ids.ts';
import { linkTarget } from './look-at-file.ts';
import { readDigest } from './read-digest.ts';
import {
  copyDigest,
  type FileTable,
  filterTable,
  sameRow,
  sameStates,
  saveStatIndex,
  setStamp,
  stampAt,
  stampOf,
} from './stat-index.ts';
import type { FileStamp, Inventory, InventoryFile, LeftOut, WorkspaceInventory } from './types.ts';

export interface WorkspaceParts {
  readonly root: string;
  readonly maxFileBytes: number;
  readonly indexFile: string;
  /** The stat index as the last run left it. */
  readonly remembered: FileTable;
  /** Sorted by path; row `i` of `table` is the state of `files[i]`. */
  readonly files: readonly InventoryFile[];
  readonly table: FileTable;
  readonly links: ReadonlySet<string>;
  readonly leftOut: LeftOut[];
  readonly git: Inventory['git'];
}

/** Image archives and databases are big; a target that names one asks for it. */
export const MAX_NAMED_BYTES = 16 * 2 ** 30;

function limitOf(file: InventoryFile | undefined, { maxFileBytes }: WorkspaceParts): number {
  return file?.named === true ? MAX_NAMED_BYTES : maxFileBytes;
}

const UNKNOWN = 0;
const KNOWN = 1;
const UNREADABLE = 2;
/** Reading goes on this long before other work gets a turn, in milliseconds. */
const TURN_MS = 10;
/** A kernel's clock tick is at most 10 ms; a file system that keeps whole seconds may be FAT, which keeps two. */
const TICK_NS = 50_000_000n;
const COARSE_TICK_NS = 2_000_000_000n;
const SECOND_NS = 1_000_000_000n;

/** Joins what was seen of a workspace with what is remembered of it. Reads nothing until a digest is asked for. */
export function openWorkspace(parts: WorkspaceParts): WorkspaceInventory {
  const { root, files, table, links, leftOut } = parts;
  const state = new Uint8Array(files.length);
  // Rows whose file was written so shortly before it was read that a later write could show the same times.
  const racy = new Set<number>();
  // Rows read in this run.
  const fresh = new Set<number>();
  let filesRead = 0;
  let dirty = joinRemembered(parts, state) !== parts.remembered.paths.length;
  let rows: Map<string, number> | undefined;
  const rowOf = (path: string): number | undefined => {
    rows ??= new Map(files.map((file, row) => [file.path, row]));
    return rows.get(path);
  };

  const texts: Digest[] = [];
  let hex: string | undefined;
  const digestOfRow = (row: number): Digest => {
    const known = texts[row];
    if (known !== undefined) return known;
    // All that were remembered are written out in one go, which is many times quicker than one by one.
    hex ??= Buffer.from(table.digests.buffer, table.digests.byteOffset, table.digests.byteLength).toString(
      'hex',
    );
    const text = fresh.has(row) ? digestAt(table, row) : digestOfHex(hex.slice(64 * row, 64 * row + 64));
    texts[row] = text;
    return text;
  };

  const read = (row: number): void => {
    const path = files[row]?.path ?? '';
    const file = links.has(path) ? linkTarget(root, path) : `${root}/${path}`;
    filesRead++;
    dirty = true;
    const now = BigInt(Date.now()) * 1_000_000n;
    const result = file === undefined ? undefined : readDigest(file, limitOf(files[row], parts));
    if (
      file === undefined ||
      result === undefined ||
      !(isSame(row, stampOf(result.stat)) || staysInside(root, file))
    ) {
      state[row] = UNREADABLE;
      leftOut.push({ path, reason: 'unreadable' });
      return;
    }
    const stamp = stampOf(result.stat);
    setStamp(table, row, stamp);
    table.digests.set(result.sha256, 32 * row);
    fresh.add(row);
    state[row] = KNOWN;
    const tick = stamp.ctimeNs % SECOND_NS === 0n ? COARSE_TICK_NS : TICK_NS;
    if (now - stamp.ctimeNs < tick || now - stamp.mtimeNs < tick) racy.add(row);
    else racy.delete(row);
  };
  const isSame = (row: number, stamp: FileStamp): boolean =>
    table.ino[row] === stamp.ino && table.dev[row] === stamp.dev;

  const digests = async (wanted: readonly InventoryFile[]): Promise<readonly (Digest | undefined)[]> => {
    const found: (Digest | undefined)[] = [];
    let turnEnds = performance.now() + TURN_MS;
    let next = 0;
    for (const file of wanted) {
      // Selections keep our order: the row is nearly always a few further on, found without a look-up by name.
      while (next < files.length && files[next] !== file) next++;
      const row = next < files.length ? next : rowOf(file.path);
      if (row === undefined) throw new RangeError(`not in the inventory: ${JSON.stringify(file.path)}`);
      if (state[row] === UNKNOWN) {
        read(row);
        if (performance.now() > turnEnds) {
          await nextTurn();
          turnEnds = performance.now() + TURN_MS;
        }
      }
      found.push(state[row] === KNOWN ? digestOfRow(row) : undefined);
    }
    return found;
  };

  return {
    root,
    files,
    leftOut,
    git: parts.git,
    digests,
    async digest(path) {
      const row = rowOf(path);
      const file = row === undefined ? undefined : files[row];
      const [found] = file === undefined ? [] : await digests([file]);
      if (found === undefined) throw new RangeError(`not readable in the inventory: ${JSON.stringify(path)}`);
      return found;
    },
    stamp(path) {
      const row = rowOf(path);
      return row === undefined ? undefined : stampAt(table, row);
    },
    isLink: (path) => links.has(path),
    restamp(path, stamp) {
      const row = rowOf(path);
      if (row === undefined) return;
      setStamp(table, row, stamp);
      dirty = true;
    },
    confirm(path) {
      const row = rowOf(path);
      if (row === undefined || state[row] !== KNOWN) return false;
      const file = links.has(path) ? linkTarget(root, path) : `${root}/${path}`;
      filesRead++;
      const result = file === undefined ? undefined : readDigest(file, parts.maxFileBytes);
      // A digest once given out stands for the whole run: another content is told, never taken over.
      if (result === undefined || !result.sha256.equals(table.digests.subarray(32 * row, 32 * row + 32)))
        return false;
      setStamp(table, row, stampOf(result.stat));
      dirty = true;
      return true;
    },
    async flush() {
      if (!dirty) return;
      const named = { ...table, paths: files.map((file) => file.path) };
      saveStatIndex(
        parts.indexFile,
        filterTable(named, (row) => state[row] === KNOWN && !racy.has(row)),
      );
      dirty = false;
    },
    get filesRead() {
      return filesRead;
    },
  };
}

/** Takes over the digests of files whose state is unchanged; both lists are sorted. Returns how many. */
function joinRemembered(parts: WorkspaceParts, state: Uint8Array): number {
  const { files, table, remembered } = parts;
  if (isUnchanged(parts)) {
    table.digests.set(remembered.digests);
    state.fill(KNOWN);
    return files.length;
  }
  let joined = 0;
  let old = 0;
  for (let row = 0; row < files.length; row++) {
    const path = files[row]?.path ?? '';
    while (old < remembered.paths.length && (remembered.paths[old] ?? '') < path) old++;
    if (remembered.paths[old] !== path || !sameRow(table, row, remembered, old)) continue;
    copyDigest(remembered, old, table, row);
    state[row] = KNOWN;
    joined++;
  }
  return joined;
}

/** Whether all files and their states are those of the last run: then they are compared by the column. */
function isUnchanged({ files, table, remembered }: WorkspaceParts): boolean {
  return (
    files.length === remembered.paths.length &&
    files.every(({ path }, row) => path === remembered.paths[row]) &&
    sameStates(table, remembered, files.length)
  );
}

function digestAt(table: FileTable, row: number): Digest {
  return digestOfHex(Buffer.from(table.digests.buffer, 32 * row, 32).toString('hex'));
}

/** For a file that was replaced since it was listed: whether its folder is still one of the workspace. */
function staysInside(root: string, file: string): boolean {
  try {
    const folder = realpathSync(dirname(file));
    return folder === root || folder.startsWith(`${root}/`);
  } catch {
    return false;
  }
}
