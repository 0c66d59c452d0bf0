import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { byCodeUnit } from '../../core/canonical.ts';
import { diagnostic } from '../../core/diagnostic.ts';
import { type Digest, isDigest, isStageId, type StageId } from '../../core/ids.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { ensureFolder } from '../../io/ensure-folder.ts';
import { takeFolderLock } from '../../io/folder-lock.ts';

/** A stage that is done, and under which key its outputs are in the cache. */
export interface JournalEntry {
  readonly stage: StageId;
  readonly key: Digest;
  /** Whether the run had it from the cache. */
  readonly cached: boolean;
}

/** What a run has finished, on disk. One process at a time holds it. */
export interface Journal {
  /** `<exportDir>/.<bundle-id>.partial`; absolute if the export folder is. */
  readonly dir: string;
  readonly bundleId: string;
  /** What was finished before this process opened the journal. */
  readonly finished: ReadonlyMap<StageId, JournalEntry>;
  /** @throws the file system's errors */
  record(entry: JournalEntry): void;
  /** Lets go of the folder; what is in it stays. */
  close(): void;
}

export interface JournalRequest {
  readonly exportDir: string;
  readonly bundleId: string;
  readonly planDigest: Digest;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

const SCHEMA = 'https://secplan.dev/schema/journal/v1';
const FILE = 'journal.jsonl';
const MAX_BYTES = 64 * 2 ** 20;

/** Where a bundle grows until it is sealed. */
export function partialDir(exportDir: string, bundleId: string): string {
  return join(exportDir, `.${bundleId}.partial`);
}

/** Starts a run's journal. The value is `null` when another run has this bundle id; fails with SP5002 or SP5003. */
export function openJournal(request: JournalRequest): Outcome<Journal | null> {
  const { exportDir, bundleId, planDigest, nowMs } = request;
  const dir = partialDir(exportDir, bundleId);
  try {
    ensureFolder(exportDir);
    try {
      mkdirSync(dir, { mode: 0o700 });
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return success(null);
      throw error;
    }
    // Another run that starts now may have taken the new folder for a dead one.
    const lock = existing(() => takeFolderLock(dir));
    if (lock === undefined) return success(null);
    const file = openSync(join(dir, FILE), 'ax', 0o600);
    append(file, { schema: SCHEMA, bundleId, planDigest, startedAt: nowMs });
    return success(new OpenJournal({ dir, bundleId, finished: new Map() }, file, lock));
  } catch (error) {
    const full = ['ENOSPC', 'EDQUOT'].includes(codeOf(error) ?? '');
    const message = error instanceof Error ? error.message : String(error);
    const help = full
      ? 'Free some space, or choose a folder elsewhere with --export-dir.'
      : 'Choose a folder that you may write to with --export-dir.';
    return failed([diagnostic(full ? 'SP5002' : 'SP5003', message, { help })]);
  }
}

/**
 * The newest unfinished run of this plan that no live process holds, taken over by this one. Undefined when there is
 * none. @throws the file system's errors, but for an export folder that is not there
 */
export function findResumable(exportDir: string, planDigest: Digest): Journal | undefined {
  const candidates = partialFolders(exportDir)
    .flatMap((name) => {
      const dir = join(exportDir, name);
      const read = readJournal(dir);
      return read?.planDigest === planDigest && `.${read.bundleId}.partial` === name
        ? [{ dir, ...read }]
        : [];
    })
    .sort((a, b) => b.startedAt - a.startedAt || byCodeUnit(b.bundleId, a.bundleId));
  for (const { dir, bundleId } of candidates) {
    const lock = takeFolderLock(dir);
    if (lock === undefined) continue;
    // Read again under the lock: its holder may have gone on writing until now.
    const read = readJournal(dir);
    if (read === undefined) {
      lock.release();
      continue;
    }
    const file = openSync(join(dir, FILE), 'a');
    // A torn last line must not swallow the next one.
    if (read.torn) writeSync(file, '\n');
    return new OpenJournal({ dir, bundleId, finished: read.finished }, file, lock);
  }
  return undefined;
}

/** Where a run keeps what is of no use after it, below its journal's folder. */
export function workFolder(dir: string): string {
  return join(dir, 'work');
}

/**
 * Removes, where it can, what runs that were killed left, for a run that continues none of them: what they had finished is in
 * the cache. One that a live process holds stays.
 */
export function removeDeadRuns(exportDir: string): void {
  try {
    for (const name of partialFolders(exportDir)) {
      const dir = join(exportDir, name);
      if (takeFolderLock(dir) === undefined) continue;
      // Out of its name at once: half of it could not be resumed. The lock is gone with it.
      const dead = partialDir(exportDir, `dead-${crypto.randomUUID()}`);
      renameSync(dir, dead);
      rmSync(dead, { recursive: true, force: true });
    }
  } catch {
    // Leftovers stop no run, and an export folder that cannot be used is reported when it is.
  }
}

/** Owns the open file and the folder's lock. */
class OpenJournal implements Journal {
  readonly dir: string;
  readonly bundleId: string;
  readonly finished: Journal['finished'];
  readonly #file: number;
  readonly #lock: { release(): void };
  #open = true;

  constructor(
    about: Pick<Journal, 'dir' | 'bundleId' | 'finished'>,
    file: number,
    lock: { release(): void },
  ) {
    this.dir = about.dir;
    this.bundleId = about.bundleId;
    this.finished = about.finished;
    this.#file = file;
    this.#lock = lock;
  }

  record(entry: JournalEntry): void {
    append(this.#file, entry);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#file);
    this.#lock.release();
  }
}

/** Undefined where the folder is gone. */
function existing<T>(take: () => T | undefined): T | undefined {
  try {
    return take();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function append(file: number, line: unknown): void {
  // One write: O_APPEND makes it whole or, at a crash, torn at the end of the file only.
  writeSync(file, `${JSON.stringify(line)}\n`);
}

interface ReadJournal {
  readonly bundleId: string;
  readonly planDigest: string;
  readonly startedAt: number;
  readonly finished: ReadonlyMap<StageId, JournalEntry>;
  readonly torn: boolean;
}

function readJournal(dir: string): ReadJournal | undefined {
  let text: string;
  try {
    text = readFileSync(join(dir, FILE), 'utf8');
  } catch {
    return undefined;
  }
  if (text.length > MAX_BYTES) return undefined;
  const [head, ...lines] = text.split('\n').map(parseLine);
  if (head?.schema !== SCHEMA || typeof head.bundleId !== 'string' || typeof head.planDigest !== 'string') {
    return undefined;
  }
  const finished = new Map<StageId, JournalEntry>();
  for (const line of lines) {
    if (line === undefined) continue;
    const { stage, key, cached } = line;
    if (typeof stage !== 'string' || !isStageId(stage) || typeof key !== 'string' || !isDigest(key)) continue;
    finished.set(stage as StageId, { stage: stage as StageId, key: key as Digest, cached: cached === true });
  }
  const startedAt = typeof head.startedAt === 'number' ? head.startedAt : 0;
  const { bundleId, planDigest } = head;
  return { bundleId, planDigest, startedAt, finished, torn: !text.endsWith('\n') };
}

/** Undefined for a line that is torn or damaged: the stage it spoke of simply runs again. */
function parseLine(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function partialFolders(exportDir: string): string[] {
  try {
    return readdirSync(exportDir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && /^\..+\.partial$/.test(entry.name))
      .map((entry) => entry.name);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code;
}
