import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';

const MARK = /^([0-9a-f]{8})-([0-9]{1,9})-([0-9]{1,20})$/;

/** Text for a file's name by which others can tell later whether this process still lives: machine, pid, start. */
export function processMark(): string {
  return `${machine()}-${process.pid}-${ticksOf(process.pid)}`;
}

/** Whether the process that made a mark lives. `unknown`: no mark, or one of another machine, boot or container. */
export function markedProcess(mark: string): 'alive' | 'dead' | 'unknown' {
  const [, where, pid = '', ticks] = MARK.exec(mark) ?? [];
  if (where !== machine()) return 'unknown';
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    // EPERM: a process of another user is there.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return 'dead';
  }
  // The pid may have been given to another process since.
  return ticksOf(Number(pid)) === ticks ? 'alive' : 'dead';
}

/**
 * When a process began, in a form that only that process has; null where the system does not tell. Undefined for one
 * that has ended and was not buried yet, which in a container without an init may be never.
 */
export function startOf(pid: number): string | null | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${bootId()}:${fields[19]}`;
  } catch {
    return null;
  }
}

function ticksOf(pid: number): string {
  const start = startOf(pid);
  // Where the system does not tell, the pid alone has to do.
  return start === null ? '0' : (start?.split(':')[1] ?? 'gone');
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** Containers of one machine number their processes apart: their namespace is part of it. */
function machine(): string {
  let text = '';
  try {
    text = `${bootId()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    // No Linux: all are one machine, and the pid decides.
  }
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
