import type { StdioOptions } from 'node:child_process';
import { closeSync, constants, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Above this a table of descriptors for every process would cost too much; the sandbox's probe says whether one is open there. */
const HIGHEST = 65_535;
const FIRST_FREE = 3;
/** O_CLOEXEC, as the kernel writes it: octal. */
const CLOSE_ON_EXEC = 0o2000000;

/**
 * Descriptors from 3 that this process was started with and that each program it starts would get too. Node sets
 * close-on-exec on what it opens itself, and on inherited ones only up to the first gap above 16.
 */
export function inheritedDescriptors(proc = '/proc/self/fdinfo'): readonly number[] {
  return listed(proc)
    .filter((fd) => fd >= FIRST_FREE && fd <= HIGHEST && staysOpen(join(proc, String(fd))))
    .sort((a, b) => a - b);
}

export interface ClosedStdio {
  readonly stdio: StdioOptions;
  /** To be called when the process was started. */
  done(): void;
}

/**
 * Standard input from nothing, output and errors by pipes, then `used`, of which a path is opened for this one process; every
 * inherited descriptor beyond is /dev/null in the new process. Node's `ignore` would leave it open there.
 * @throws the file system's errors
 */
export function closedStdio(
  used: readonly ('pipe' | number | string)[] = [],
  inherited: readonly number[] = ofThisProcess(),
): ClosedStdio {
  const opened: number[] = [];
  const open = (path: string, flags: number) => {
    const file = openSync(path, flags);
    opened.push(file);
    return file;
  };
  const wanted = used.map((each) =>
    typeof each === 'number' || each === 'pipe' ? each : open(each, constants.O_RDONLY),
  );
  const stdio: ('ignore' | 'pipe' | number)[] = ['ignore', 'pipe', 'pipe', ...wanted];
  const rest = new Set(inherited.filter((fd) => fd >= stdio.length));
  if (rest.size > 0) {
    const nothing = open('/dev/null', constants.O_RDWR);
    const last = Math.max(...rest);
    for (let fd = stdio.length; fd <= last; fd += 1) stdio.push(rest.has(fd) ? nothing : 'ignore');
  }
  return { stdio, done: () => opened.forEach((file) => void closeSync(file)) };
}

let known: readonly number[] | undefined;

/** Read once: a process inherits nothing later. */
function ofThisProcess(): readonly number[] {
  known ??= inheritedDescriptors();
  return known;
}

function listed(folder: string): number[] {
  try {
    return readdirSync(folder).map(Number).filter(Number.isInteger);
  } catch {
    // No Linux, or no /proc: there is no sandbox either.
    return [];
  }
}

function staysOpen(file: string): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(file, 'utf8'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0;
  } catch {
    // It was closed since.
    return false;
  }
}
