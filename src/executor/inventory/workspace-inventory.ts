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
  return new WorkspaceFiles(parts);
}

/** Owns the table of a workspace's files, and the stat index that it is written to at the end. */
class WorkspaceFiles implements WorkspaceInventory {
  readonly root: string;
  readonly files: readonly InventoryFile[];
  readonly leftOut: LeftOut[];
  readonly git: Inventory['git'];
  readonly #parts: WorkspaceParts;
  readonly #table: FileTable;
  readonly #state: Uint8Array;
  /** Rows whose file was written so shortly before it was read that a later write could show the same times. */
  readonly #racy = new Set<number>();
  /** Rows read in this run. */
  readonly #fresh = new Set<number>();
  readonly #texts: Digest[] = [];
  #hex: string | undefined;
  #rows: Map<string, number> | undefined;
  #filesRead = 0;
  #dirty: boolean;

  constructor(parts: WorkspaceParts) {
    this.#parts = parts;
    this.root = parts.root;
    this.files = parts.files;
    this.leftOut = parts.leftOut;
    this.git = parts.git;
    this.#table = parts.table;
    this.#state = new Uint8Array(parts.files.length);
    this.#dirty = joinRemembered(parts, this.#state) !== parts.remembered.paths.length;
  }

  get filesRead(): number {
    return this.#filesRead;
  }

  async digest(path: string): Promise<Digest> {
    const row = this.#rowOf(path);
    const file = row === undefined ? undefined : this.files[row];
    const [found] = file === undefined ? [] : await this.digests([file]);
    if (found === undefined) throw new RangeError(`not readable in the inventory: ${JSON.stringify(path)}`);
    return found;
  }

  async digests(wanted: readonly InventoryFile[]): Promise<readonly (Digest | undefined)[]> {
    const files = this.files;
    const state = this.#state;
    const found: (Digest | undefined)[] = [];
    let turnEnds = performance.now() + TURN_MS;
    let next = 0;
    for (const file of wanted) {
      // Selections keep our order: the row is nearly always a few further on, found without a look-up by name.
      while (next < files.length && files[next] !== file) next++;
      const row = next < files.length ? next : this.#rowOf(file.path);
      if (row === undefined) throw new RangeError(`not in the inventory: ${JSON.stringify(file.path)}`);
      if (state[row] === UNKNOWN) {
        this.#read(row);
        if (performance.now() > turnEnds) {
          await nextTurn();
          turnEnds = performance.now() + TURN_MS;
        }
      }
      found.push(state[row] === KNOWN ? this.#digestOfRow(row) : undefined);
    }
    return found;
  }

  stamp(path: string): FileStamp | undefined {
    const row = this.#rowOf(path);
    return row === undefined ? undefined : stampAt(this.#table, row);
  }

  isLink(path: string): boolean {
    return this.#parts.links.has(path);
  }

  restamp(path: string, stamp: FileStamp): void {
    const row = this.#rowOf(path);
    if (row === undefined) return;
    setStamp(this.#table, row, stamp);
    this.#dirty = true;
  }

  confirm(path: string): boolean {
    const row = this.#rowOf(path);
    if (row === undefined || this.#state[row] !== KNOWN) return false;
    const file = this.#placeOf(path);
    this.#filesRead++;
    const result = file === undefined ? undefined : readDigest(file, this.#parts.maxFileBytes);
    // A digest once given out stands for the whole run: another content is reported, never taken over.
    if (result === undefined || !result.sha256.equals(this.#table.digests.subarray(32 * row, 32 * row + 32)))
      return false;
    setStamp(this.#table, row, stampOf(result.stat));
    this.#dirty = true;
    return true;
  }

  async flush(): Promise<void> {
    if (!this.#dirty) return;
    const named = { ...this.#table, paths: this.files.map((file) => file.path) };
    saveStatIndex(
      this.#parts.indexFile,
      filterTable(named, (row) => this.#state[row] === KNOWN && !this.#racy.has(row)),
    );
    this.#dirty = false;
  }

  #rowOf(path: string): number | undefined {
    this.#rows ??= new Map(this.files.map((file, row) => [file.path, row]));
    return this.#rows.get(path);
  }

  /** Absolute; of a link, its target, and undefined where that is not in the workspace. */
  #placeOf(path: string): string | undefined {
    return this.#parts.links.has(path) ? linkTarget(this.root, path) : `${this.root}/${path}`;
  }

  #digestOfRow(row: number): Digest {
    const known = this.#texts[row];
    if (known !== undefined) return known;
    const { digests } = this.#table;
    // All that were remembered are written out in one go, which is many times quicker than one by one.
    this.#hex ??= Buffer.from(digests.buffer, digests.byteOffset, digests.byteLength).toString('hex');
    const text = this.#fresh.has(row)
      ? digestAt(this.#table, row)
      : digestOfHex(this.#hex.slice(64 * row, 64 * row + 64));
    this.#texts[row] = text;
    return text;
  }

  #read(row: number): void {
    const path = this.files[row]?.path ?? '';
    const file = this.#placeOf(path);
    this.#filesRead++;
    this.#dirty = true;
    const now = BigInt(Date.now()) * 1_000_000n;
    const result = file === undefined ? undefined : readDigest(file, limitOf(this.files[row], this.#parts));
    if (
      file === undefined ||
      result === undefined ||
      !(this.#isSame(row, stampOf(result.stat)) || staysInside(this.root, file))
    ) {
      this.#state[row] = UNREADABLE;
      this.leftOut.push({ path, reason: 'unreadable' });
      return;
    }
    const stamp = stampOf(result.stat);
    setStamp(this.#table, row, stamp);
    this.#table.digests.set(result.sha256, 32 * row);
    this.#fresh.add(row);
    this.#state[row] = KNOWN;
    const tick = stamp.ctimeNs % SECOND_NS === 0n ? COARSE_TICK_NS : TICK_NS;
    if (now - stamp.ctimeNs < tick || now - stamp.mtimeNs < tick) this.#racy.add(row);
    else this.#racy.delete(row);
  }

  #isSame(row: number, { ino, dev }: FileStamp): boolean {
    return this.#table.ino[row] === ino && this.#table.dev[row] === dev;
  }
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
