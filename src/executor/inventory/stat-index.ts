import { type BigIntStats, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import type { FileStamp } from './types.ts';

/**
 * What is known of a workspace's files, one row a file, in columns: 100,000 rows are six allocations, not 100,000.
 * Rows are sorted by path, by code unit.
 */
export interface FileTable {
  readonly paths: readonly string[];
  readonly mtimeNs: BigInt64Array;
  readonly ctimeNs: BigInt64Array;
  readonly ino: BigInt64Array;
  readonly dev: BigInt64Array;
  readonly size: Float64Array;
  /** 32 bytes a row. */
  readonly digests: Uint8Array;
}

const HEADER_BYTES = 24;
const COLUMN_BYTES = 5 * 8 + 32;
/** The name changes with the layout and with the byte order: a file of another kind is no index. */
const MAGIC = Buffer.from(`SPIX1${endianness()}\n`, 'latin1');

export function emptyTable(paths: readonly string[]): FileTable {
  const n = paths.length;
  return {
    paths,
    mtimeNs: new BigInt64Array(n),
    ctimeNs: new BigInt64Array(n),
    ino: new BigInt64Array(n),
    dev: new BigInt64Array(n),
    size: new Float64Array(n),
    digests: new Uint8Array(32 * n),
  };
}

/** Reads a stat index; a missing, damaged or foreign file gives an empty one. */
export function loadStatIndex(file: string): FileTable {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    return emptyTable([]);
  }
  if (bytes.length < HEADER_BYTES || !bytes.subarray(0, 8).equals(MAGIC)) return emptyTable([]);
  const count = bytes.readUInt32LE(8);
  const pathBytes = bytes.readUInt32LE(12);
  const size = HEADER_BYTES + COLUMN_BYTES * count + pathBytes;
  if (bytes.length !== size || bytes.readUInt32LE(16) !== crc32(bytes.subarray(HEADER_BYTES)))
    return emptyTable([]);
  const paths = count === 0 ? [] : bytes.toString('utf8', size - pathBytes).split('\0');
  if (paths.length !== count) return emptyTable([]);
  // Typed arrays need their alignment, which a pooled buffer does not promise.
  const body = bytes.buffer.slice(bytes.byteOffset + HEADER_BYTES, bytes.byteOffset + size - pathBytes);
  return columns(paths, body as ArrayBuffer);
}

/** Writes a stat index at once or not at all. @throws the file system's error. */
export function saveStatIndex(file: string, table: FileTable): void {
  const count = table.paths.length;
  const paths = Buffer.from(table.paths.join('\0'), 'utf8');
  const bytes = Buffer.alloc(HEADER_BYTES + COLUMN_BYTES * count + paths.length);
  MAGIC.copy(bytes);
  bytes.writeUInt32LE(count, 8);
  bytes.writeUInt32LE(paths.length, 12);
  let at = HEADER_BYTES;
  for (const column of [table.mtimeNs, table.ctimeNs, table.ino, table.dev, table.size, table.digests]) {
    bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
    at += column.byteLength;
  }
  paths.copy(bytes, at);
  bytes.writeUInt32LE(crc32(bytes.subarray(HEADER_BYTES)), 16);
  const temporary = `${file}.${process.pid}.tmp`;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    writeFileSync(temporary, bytes, { mode: 0o600 });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** The rows of a table for which `keep` holds. */
export function filterTable(table: FileTable, keep: (row: number) => boolean): FileTable {
  const rows = Array.from(table.paths.keys()).filter(keep);
  const result = emptyTable(rows.map((row) => table.paths[row] ?? ''));
  rows.forEach((from, to) => {
    setStamp(result, to, stampAt(table, from));
    copyDigest(table, from, result, to);
  });
  return result;
}

export function copyDigest(from: FileTable, row: number, to: FileTable, target: number): void {
  to.digests.set(from.digests.subarray(32 * row, 32 * row + 32), 32 * target);
}

/** Copies the state of a file from a row of one table to a row of another. */
export function copyStamp(from: FileTable, row: number, to: FileTable, target: number): void {
  to.mtimeNs[target] = from.mtimeNs[row] ?? 0n;
  to.ctimeNs[target] = from.ctimeNs[row] ?? 0n;
  to.ino[target] = from.ino[row] ?? 0n;
  to.dev[target] = from.dev[row] ?? 0n;
  to.size[target] = from.size[row] ?? -1;
}

/** Notes the state of a file in a row. */
export function setStamp(table: FileTable, row: number, stamp: FileStamp): void {
  table.mtimeNs[row] = stamp.mtimeNs;
  table.ctimeNs[row] = stamp.ctimeNs;
  table.ino[row] = stamp.ino;
  table.dev[row] = stamp.dev;
  table.size[row] = stamp.size;
}

/** The state of a file that a row holds. */
export function stampAt(table: FileTable, row: number): FileStamp {
  return {
    mtimeNs: table.mtimeNs[row] ?? 0n,
    ctimeNs: table.ctimeNs[row] ?? 0n,
    ino: table.ino[row] ?? 0n,
    dev: table.dev[row] ?? 0n,
    size: table.size[row] ?? -1,
  };
}

export function stampOf(stat: BigIntStats): FileStamp {
  return {
    mtimeNs: stat.mtimeNs,
    ctimeNs: stat.ctimeNs,
    // Inode and device numbers are unsigned, columns are not: wrapped alike on both sides.
    ino: BigInt.asIntN(64, stat.ino),
    dev: BigInt.asIntN(64, stat.dev),
    size: Number(stat.size),
  };
}

/** Whether two rows, of different tables, hold the same state. */
export function sameRow(a: FileTable, rowA: number, b: FileTable, rowB: number): boolean {
  return (
    a.mtimeNs[rowA] === b.mtimeNs[rowB] &&
    a.size[rowA] === b.size[rowB] &&
    a.ctimeNs[rowA] === b.ctimeNs[rowB] &&
    a.ino[rowA] === b.ino[rowB] &&
    a.dev[rowA] === b.dev[rowB]
  );
}

/** Whether the first rows of two tables hold the same states, all of them. */
export function sameStates(a: FileTable, b: FileTable, rows: number): boolean {
  const bytes = (column: BigInt64Array | Float64Array) =>
    Buffer.from(column.buffer, column.byteOffset, 8 * rows);
  return (['mtimeNs', 'ctimeNs', 'ino', 'dev', 'size'] as const).every((name) =>
    bytes(a[name]).equals(bytes(b[name])),
  );
}

function columns(paths: readonly string[], body: ArrayBuffer): FileTable {
  const n = paths.length;
  const big = (i: number) => new BigInt64Array(body, 8 * n * i, n);
  return {
    paths,
    mtimeNs: big(0),
    ctimeNs: big(1),
    ino: big(2),
    dev: big(3),
    size: new Float64Array(body, 8 * n * 4, n),
    digests: new Uint8Array(body, 8 * n * 5, 32 * n),
  };
}
