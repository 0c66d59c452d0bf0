import {
  type BigIntStats,
  chmodSync,
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Failure } from '../../core/failure.ts';
import type { Result } from '../../core/result.ts';
import { storageFailure } from '../../io/storage-failure.ts';
import { linkTarget } from '../inventory/look-at-file.ts';
import { stampOf } from '../inventory/stat-index.ts';
import type { FileStamp, InputSet, InventoryFile, WorkspaceInventory } from '../inventory/types.ts';

export interface ViewRequest {
  readonly input: InputSet;
  readonly inventory: WorkspaceInventory;
  /** Must not exist yet, or be empty. Absolute. */
  readonly dir: string;
  /** `copy` where the tool could write (no sandbox): through a hard link it would write to the workspace. */
  readonly mode: 'link' | 'copy';
  /** Another user must be able to read it. The folder that `dir` lies in keeps the machine's users out. */
  readonly forOthers?: boolean;
}

export type ViewOutcome = Result<
  { readonly linked: number; readonly copied: number },
  { readonly failure: Failure }
>;

const TURN_FILES = 256;

/**
 * Makes a folder that holds exactly the files of an input set, with the content that its digest stands for.
 * A file that changed since the inventory was taken is a failure, as the stage's key no longer describes it.
 */
export async function materialize(request: ViewRequest): Promise<ViewOutcome> {
  const { input, dir, forOthers = false } = request;
  let linked = 0;
  let link = request.mode === 'link';
  const made = new Set<string>();
  try {
    mkdirSync(dirname(dir), { recursive: true, mode: 0o700 });
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    makeFolders(dir, dir, made, forOthers);
    for (const [i, file] of input.files.entries()) {
      if (i % TURN_FILES === TURN_FILES - 1) await nextTurn();
      const folder = dirname(join(dir, file.path));
      makeFolders(dir, folder, made, forOthers);
      const how = place(request, file, link);
      if (how === 'changed') return changed(file.path);
      if (how === 'linked') linked++;
      // Another device, or a file system without hard links: the next file will fare no better.
      else if (how === 'unlinkable') link = false;
    }
    return { ok: true, linked, copied: input.files.length - linked };
  } catch (error) {
    const failure = storageFailure(error, 'input view');
    if (failure === undefined) throw error;
    return { ok: false, failure };
  }
}

/**
 * Whether the view still holds what its digest says. To be asked after the tools have run and before their results
 * are kept: the owner of a hard-linked file may have edited it meanwhile.
 */
export function verifyView(request: Pick<ViewRequest, 'input' | 'inventory'>): ViewOutcome {
  for (const file of request.input.files) {
    const source = sourceOf(request.inventory, file);
    const now = source === undefined ? undefined : lstatSync(source, { bigint: true, throwIfNoEntry: false });
    if (source === undefined || now === undefined) return changed(file.path);
    if (!isUnchanged(request.inventory, file.path, now)) return changed(file.path);
  }
  return { ok: true, linked: 0, copied: 0 };
}

/**
 * Takes a view away. Removing a hard link changes the file's ctime; that is noted, so that the next run need not
 * read the file again.
 */
export async function removeView(request: ViewRequest): Promise<void> {
  const { inventory, dir } = request;
  const still: { readonly file: InventoryFile; readonly source: string }[] = [];
  for (const file of request.input.files) {
    const source = sourceOf(inventory, file);
    const now = source === undefined ? undefined : lstatSync(source, { bigint: true, throwIfNoEntry: false });
    const known = inventory.stamp(file.path);
    if (source === undefined || now === undefined || known === undefined || now.nlink < 2n) continue;
    if (sameContentStamp(known, stampOf(now)) && known.ctimeNs === now.ctimeNs) still.push({ file, source });
  }
  await rm(dir, { recursive: true, force: true, maxRetries: 2 });
  for (const { file, source } of still) restamp(inventory, file.path, source);
}

/** Makes the folders on the way to a file, once each. For another user they are open whatever the umask says. */
function makeFolders(dir: string, folder: string, made: Set<string>, forOthers: boolean): void {
  if (made.has(folder)) return;
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  for (let at = folder; at.length >= dir.length && !made.has(at); at = dirname(at)) {
    made.add(at);
    if (forOthers) chmodSync(at, 0o755);
  }
}

/** `unlinkable`: copied, as it could not be linked. */
type Placed = 'linked' | 'copied' | 'unlinkable' | 'changed';

function place(request: ViewRequest, file: InventoryFile, link: boolean): Placed {
  const { inventory } = request;
  const target = join(request.dir, file.path);
  const source = sourceOf(inventory, file);
  const before =
    source === undefined ? undefined : lstatSync(source, { bigint: true, throwIfNoEntry: false });
  if (source === undefined || before === undefined) return 'changed';
  if (!isUnchanged(inventory, file.path, before)) return 'changed';
  const readable = request.forOthers !== true || isOpen(before, file.executable);
  const mayLink = link && readable && !inventory.isLink(file.path);
  if (mayLink && tryLink(source, target)) {
    const after = lstatSync(target, { bigint: true });
    if (!after.isFile() || !sameContentStamp(stampOf(before), stampOf(after))) return 'changed';
    inventory.restamp(file.path, stampOf(after));
    return 'linked';
  }
  copyFileSync(source, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  chmodSync(target, file.executable ? 0o755 : 0o644);
  const after = lstatSync(source, { bigint: true, throwIfNoEntry: false });
  const sameSource = after !== undefined && sameContentStamp(stampOf(before), stampOf(after));
  if (!sameSource || !lstatSync(target).isFile()) return 'changed';
  return mayLink ? 'unlinkable' : 'copied';
}

/** Whether every user may read it, and run what is a program. */
function isOpen({ mode }: BigIntStats, executable: boolean): boolean {
  const wanted = executable ? 0o5n : 0o4n;
  return (mode & wanted) === wanted;
}

/** Where the content lies; for a link its target, which must still be inside. */
function sourceOf(inventory: WorkspaceInventory, file: InventoryFile): string | undefined {
  if (!inventory.isLink(file.path)) return join(inventory.root, file.path);
  const target = linkTarget(inventory.root, file.path);
  return target?.startsWith(`${inventory.root}/`) ? target : undefined;
}

/** Another run that links the same file changes its ctime and nothing else: then the content decides. */
function isUnchanged(inventory: WorkspaceInventory, path: string, now: BigIntStats): boolean {
  const known = inventory.stamp(path);
  if (known === undefined || !now.isFile() || !sameContentStamp(known, stampOf(now))) return false;
  return known.ctimeNs === now.ctimeNs || inventory.confirm(path);
}

function sameContentStamp(a: FileStamp, b: FileStamp): boolean {
  return a.size === b.size && a.mtimeNs === b.mtimeNs && a.ino === b.ino && a.dev === b.dev;
}

function restamp(inventory: WorkspaceInventory, path: string, source: string): void {
  const known = inventory.stamp(path);
  const now = lstatSync(source, { bigint: true, throwIfNoEntry: false });
  if (known !== undefined && now !== undefined && sameContentStamp(known, stampOf(now)))
    inventory.restamp(path, stampOf(now));
}

function tryLink(source: string, target: string): boolean {
  try {
    linkSync(source, target);
    return true;
  } catch (error) {
    // EXDEV other device, EPERM no hard links or a foreign file under fs.protected_hardlinks, EMLINK too many.
    if (['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EACCES'].includes(codeOf(error) ?? '')) return false;
    throw error;
  }
}

function changed(path: string): ViewOutcome {
  const detail = `${JSON.stringify(path)} changed during the run`;
  return { ok: false, failure: { reason: 'requirement-unmet', detail } };
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
