import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the kernel shows cgroups, and what it says of this process's own; other places in tests. */
export interface CgroupPlace {
  readonly root: string;
  /** Text of /proc/self/cgroup. */
  readonly own: string;
  /** `rmdir`, which takes a cgroup with the kernel's files in it, but no folder that a test made. */
  readonly rmdir?: (dir: string) => void;
}

/** Cgroups of one stage each, below a folder in which this user may make some. */
export interface StageCgroups {
  /** The limits hold for all that runs in it, together. @throws the file system's errors */
  open(limits: CgroupLimits): StageCgroup;
}

export interface CgroupLimits {
  readonly memoryBytes: number;
  /** Processes and threads at the same time. */
  readonly processes: number;
}

export interface StageCgroup {
  /** What stands before a program and its arguments so that it starts inside. */
  readonly enter: readonly string[];
  /** Whether the kernel counts its processes, too. */
  readonly holdsProcesses: boolean;
  /** Whether the kernel ended a process of it for want of memory. */
  outOfMemory(): boolean;
  /** Whether the kernel refused it a process, as it had as many as it may have. */
  outOfProcesses(): boolean;
  /** The most that was charged to it, page cache included; `null` before Linux 5.19. */
  peakBytes(): number | null;
  /** Ends what is left in it, and takes it away. */
  remove(): Promise<void>;
}

type Rmdir = (dir: string) => void;

const NAME = /^secplan-([0-9]{1,9})-/;
/** A process moves itself, so nothing that it starts is ever outside. The text is fixed; all else is arguments. */
const ENTER = 'echo 0 > "$1" || exit 126; shift; exec "$@"';

/**
 * The nearest folder, from this process's cgroup upwards, that hands the memory controller to its children and in which
 * a process could be moved: seen by doing it. Undefined where there is none, so on cgroup v1. Takes about 3 ms.
 */
export function findStageCgroups(place: CgroupPlace = thisProcess()): StageCgroups | undefined {
  const own = /^0::(\/.*)$/m.exec(place.own)?.[1];
  if (own === undefined || own.split('/').includes('..')) return undefined;
  const names = own.split('/').filter((name) => name !== '');
  for (let depth = names.length; depth >= 0; depth -= 1) {
    const parent = join(place.root, ...names.slice(0, depth));
    if (!handsOn(parent, 'memory')) continue;
    const rmdir = place.rmdir ?? rmdirSync;
    if (!works(parent, rmdir)) continue;
    removeDead(parent, rmdir);
    return { open: (limits) => openStage(parent, limits, rmdir) };
  }
  return undefined;
}

function thisProcess(): CgroupPlace {
  return { root: '/sys/fs/cgroup', own: read('/proc/self/cgroup') };
}

function openStage(parent: string, { memoryBytes, processes }: CgroupLimits, rmdir: Rmdir): StageCgroup {
  const dir = join(parent, `secplan-${process.pid}-${crypto.randomUUID()}`);
  const holdsProcesses = handsOn(parent, 'pids');
  mkdirSync(dir);
  try {
    writeFileSync(join(dir, 'memory.max'), `${memoryBytes}`);
    // A half-killed tool could leave a report that looks whole: all of it goes.
    writeFileSync(join(dir, 'memory.oom.group'), '1');
    // Absent on a machine without swap accounting.
    optional(join(dir, 'memory.swap.max'), '0');
    if (holdsProcesses) writeFileSync(join(dir, 'pids.max'), `${processes}`);
  } catch (error) {
    removeFolder(dir, rmdir);
    throw error;
  }
  return {
    enter: ['/bin/sh', '-c', ENTER, 'sh', join(dir, 'cgroup.procs')],
    holdsProcesses,
    outOfMemory: () => happened(join(dir, 'memory.events'), /^oom_kill (\d+)$/m),
    outOfProcesses: () => holdsProcesses && happened(join(dir, 'pids.events'), /^max (\d+)$/m),
    peakBytes() {
      const peak = read(join(dir, 'memory.peak')).trim();
      return /^\d+$/.test(peak) ? Number(peak) : null;
    },
    async remove() {
      optional(join(dir, 'cgroup.kill'), '1');
      // Busy until the kernel has buried the last process; what stays all the same, the next run takes away.
      for (let tries = 0; tries < 1000 && removeFolder(dir, rmdir) === 'EBUSY'; tries += 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

/** Whether cgroups below a folder may limit this. */
function handsOn(parent: string, controller: 'memory' | 'pids'): boolean {
  return read(join(parent, 'cgroup.subtree_control')).split(/\s+/).includes(controller);
}

/** Whether a counter of the kernel's is above 0. */
function happened(file: string, counter: RegExp): boolean {
  return Number(counter.exec(read(file))?.[1] ?? 0) > 0;
}

function works(parent: string, rmdir: Rmdir): boolean {
  let stage: StageCgroup | undefined;
  try {
    stage = openStage(parent, { memoryBytes: 64 * 2 ** 20, processes: 100 }, rmdir);
    const [program = '', ...argv] = [...stage.enter, '/bin/true'];
    execFileSync(program, argv, { env: {}, stdio: 'ignore', timeout: 10_000 });
    return true;
  } catch {
    return false;
  } finally {
    void stage?.remove();
  }
}

/** Cgroups of runs that were killed. One that is still in use cannot be removed. */
function removeDead(parent: string, rmdir: Rmdir): void {
  for (const name of readdirSync(parent)) {
    const pid = Number(NAME.exec(name)?.[1] ?? 0);
    if (pid > 0 && pid !== process.pid && !isAlive(pid)) removeFolder(join(parent, name), rmdir);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A cgroup's files cannot be removed, and need not: the folder goes with them. Gives the error's code. */
function removeFolder(dir: string, rmdir: Rmdir): string | undefined {
  try {
    rmdir(dir);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

function optional(file: string, text: string): void {
  try {
    // `r+` makes no file: what the kernel does not offer is left.
    writeFileSync(file, text, { flag: 'r+' });
  } catch {
    // Not offered here.
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
