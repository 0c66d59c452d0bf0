import { createHash, type Hash } from 'node:crypto';
import {
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { byCodeUnit } from '../../core/canonical.ts';

/** A file of an installation that is not as it was installed. */
export interface ChangedFile {
  /** Relative to the entry. */
  readonly path: string;
  readonly how: 'changed' | 'added' | 'removed';
}

/** One line a file: what it holds and is, then its path. */
export const RECORD = 'files.txt';
/** sha256 of what `lstat` gave for all of them: while it holds, nothing is read. */
const STAMP = 'files.stamp';
const OWN: ReadonlySet<string> = new Set([RECORD, STAMP]);
const CHUNK = 2 ** 20;

/** Writes down what an installation consists of, when it is finished. @throws the file system's errors */
export function recordFiles(dir: string): void {
  writeFileSync(join(dir, STAMP), '', { mode: 0o644 });
  const lines = pathsBelow(dir).map((path) => lineOf(dir, path));
  writeFileSync(join(dir, RECORD), lines.map((line) => `${line}\n`).join(''), { mode: 0o444 });
  writeStamp(dir);
}

/**
 * The first file of an installation that is not as it was installed; undefined where there is none. Costs one `lstat` a file,
 * some 2 µs. Only where that differs (also after a copy of the store) is everything read, and the stamp renewed if it can be.
 * @throws the file system's errors, for an installation without a record
 */
export function changedFile(dir: string): ChangedFile | undefined {
  const lines = recordedLines(dir);
  if (readFileSync(join(dir, STAMP), 'utf8') === stampOf(dir, lines)) return undefined;
  const record = new Map(lines.map((line) => [pathOf(line), line]));
  const there = new Set(pathsBelow(dir));
  for (const path of record.keys()) if (!there.has(path)) return { path, how: 'removed' };
  for (const path of there) {
    const known = record.get(path);
    if (known === undefined) return { path, how: 'added' };
    if (known !== lineOf(dir, path)) return { path, how: 'changed' };
  }
  try {
    writeStamp(dir);
  } catch {
    // Another user's store: its files are read each time.
  }
  return undefined;
}

/** Written in place: a rename would change the folder, which is in the stamp. */
function writeStamp(dir: string): void {
  writeFileSync(join(dir, STAMP), stampOf(dir, recordedLines(dir)) ?? '');
}

function recordedLines(dir: string): readonly string[] {
  return readFileSync(join(dir, RECORD), 'utf8').split('\n').slice(0, -1);
}

/** A file's name may hold a space; what stands before it may not. */
function pathOf(line: string): string {
  const path = line.slice(line.indexOf(' ', line.indexOf(' ') + 1) + 1);
  return path.includes('%') ? path.replaceAll('%0A', '\n').replaceAll('%25', '%') : path;
}

/** Undefined where one of them is gone. */
function stampOf(dir: string, lines: readonly string[]): string | undefined {
  let text = `${lstatSync(dir).mtimeMs}\n${facts(lstatSync(join(dir, RECORD)))}`;
  for (const line of lines) {
    const stats = lstatSync(`${dir}/${pathOf(line)}`, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    text += facts(stats);
  }
  return createHash('sha256').update(text).digest('hex');
}

/** `ctime` is the kernel's own: unlike `mtime` nobody can set it back. */
function facts({ mode, size, mtimeMs, ctimeMs, ino }: Stats): string {
  return `${mode} ${size} ${mtimeMs} ${ctimeMs} ${ino}\n`;
}

/** Everything below, folders too, in one order; through no link. */
function pathsBelow(dir: string): string[] {
  const paths: string[] = [];
  const walk = (folder: string) => {
    for (const item of readdirSync(join(dir, folder), { withFileTypes: true })) {
      const path = folder === '' ? item.name : `${folder}/${item.name}`;
      paths.push(path);
      if (item.isDirectory()) walk(path);
    }
  };
  walk('');
  return paths.filter((path) => !OWN.has(path)).sort(byCodeUnit);
}

function lineOf(dir: string, path: string): string {
  const full = join(dir, path);
  const stats = lstatSync(full);
  const hash = createHash('sha256');
  if (stats.isSymbolicLink()) hash.update(`link ${readlinkSync(full)}`);
  else if (stats.isFile()) readInto(hash, full);
  else hash.update('no content');
  // What a copy of the store makes of a folder's mode does not matter to what runs.
  const mode = stats.isDirectory() ? 'folder' : stats.mode.toString(8);
  return `${hash.digest('hex')} ${mode} ${written(path)}`;
}

/** A line's end in a name would make two lines of one. */
function written(path: string): string {
  return path.replaceAll('%', '%25').replaceAll('\n', '%0A');
}

function readInto(hash: Hash, path: string): void {
  const file = openSync(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(CHUNK);
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      hash.update(chunk.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
}
