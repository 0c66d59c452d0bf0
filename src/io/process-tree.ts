import { readdirSync, readFileSync } from 'node:fs';

const PAGE_BYTES = 4096;

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

/** Proportional set size of processes, where the kernel tells: shared pages are split among their users. */
export function proportionalBytes(pids: readonly number[], proc = '/proc'): number {
  let kilobytes = 0;
  for (const pid of pids) {
    const rollup = read(`${proc}/${pid}/smaps_rollup`);
    const pss = rollup === undefined ? undefined : /^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1];
    kilobytes += pss === undefined ? residentBytes([pid], proc) / 1024 : Number(pss);
  }
  return kilobytes * 1024;
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
  const stat = read(`${proc}/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name in parentheses may hold anything, parentheses included.
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
