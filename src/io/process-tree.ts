import { readdirSync, readFileSync, readlinkSync, statfsSync, statSync } from 'node:fs';

const PAGE_BYTES = 4096;
/** TMPFS_MAGIC of linux/magic.h. */
const TMPFS = 0x01021994;

/** All processes below `root`, itself included; found through /proc, also those in deeper pid namespaces. */
export function processTree(root: number, proc = '/proc'): number[] {
  const children = new Map<number, number[]>();
  for (const pid of allPids(proc)) {
    const parent = parentOf(pid, proc);
    if (parent === undefined) continue;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [pid]);
    else siblings.push(pid);
  }
  const tree = [root];
  for (let index = 0; index < tree.length; index += 1) tree.push(...(children.get(tree[index] ?? 0) ?? []));
  return tree;
}

/** Resident bytes of processes, shared pages counted once for each: cheap, and never less than the truth. */
export function residentBytes(pids: readonly number[], proc = '/proc'): number {
  let pages = 0;
  for (const pid of pids) pages += Number(read(`${proc}/${pid}/statm`)?.split(' ')[1] ?? 0);
  return pages * PAGE_BYTES;
}

/** Memory of processes, shared pages split among their users. Bytes. */
export interface ProportionalBytes {
  /** Theirs alone, and of files. */
  readonly own: number;
  /** Pages of shared memory that are mapped. */
  readonly shared: number;
}

/** By their proportional set size, where the kernel tells it; costly. */
export function proportionalBytes(pids: readonly number[], proc = '/proc'): ProportionalBytes {
  let [own, shared] = [0, 0];
  for (const pid of pids) {
    const rollup = read(`${proc}/${pid}/smaps_rollup`) ?? '';
    const pss = kilobytesOf('Pss', rollup);
    const ofShared = kilobytesOf('Pss_Shmem', rollup) ?? 0;
    own += pss === undefined ? residentBytes([pid], proc) : (pss - ofShared) * 1024;
    shared += ofShared * 1024;
  }
  return { own, shared };
}

function kilobytesOf(name: string, rollup: string): number | undefined {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(rollup)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** Threads of processes; one that has ended since has none. */
export function threadCount(pids: readonly number[], proc = '/proc'): number {
  return pids.reduce((sum, pid) => sum + Number(fieldsOf(pid, proc)?.[17] ?? 0), 0);
}

/**
 * What a process that has another root than this one keeps in folders in memory there, mapped or not. Zero for a folder that is
 * not in memory, and as long as it has no other root.
 */
export function memoryFolderBytes(pid: number, folders: readonly string[], proc = '/proc'): number {
  const root = `${proc}/${pid}/root`;
  try {
    if (statSync(`${root}/`).dev === statSync('/').dev) return 0;
  } catch {
    return 0;
  }
  return folders.reduce((sum, folder) => {
    try {
      const { type, blocks, bfree, bsize } = statfsSync(`${root}${folder}`);
      return type === TMPFS ? sum + (blocks - bfree) * bsize : sum;
    } catch {
      return sum;
    }
  }, 0);
}

/** What files take on one file system that processes hold open and that have no name any more: no folder shows them. */
export function namelessFileBytes(pids: readonly number[], device: number, proc = '/proc'): number {
  const found = new Map<number, number>();
  for (const pid of pids) {
    for (const fd of list(`${proc}/${pid}/fd`)) {
      const path = `${proc}/${pid}/fd/${fd}`;
      try {
        if (!readlinkSync(path).endsWith(' (deleted)')) continue;
        const { dev, ino, blocks } = statSync(path);
        if (dev === device) found.set(ino, blocks * 512);
      } catch {
        // Closed since.
      }
    }
  }
  return [...found.values()].reduce((sum, bytes) => sum + bytes, 0);
}

/** Processes whose environment holds this text: those that left their group and parent, too. */
export function processesMarked(marker: string, proc = '/proc'): number[] {
  return allPids(proc).filter(
    (pid) => pid !== process.pid && read(`${proc}/${pid}/environ`)?.includes(marker),
  );
}

/** Sends a signal to each that is still there. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended since.
    }
  }
}

function allPids(proc: string): number[] {
  return readdirSync(proc)
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number);
}

function parentOf(pid: number, proc: string): number | undefined {
  const parent = fieldsOf(pid, proc)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** Of its `stat`, from the third field on; undefined when it has ended. */
function fieldsOf(pid: number, proc: string): readonly string[] | undefined {
  const stat = read(`${proc}/${pid}/stat`);
  // The name in parentheses may hold anything, parentheses included.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
