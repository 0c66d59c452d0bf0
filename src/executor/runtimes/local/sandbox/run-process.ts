import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Failure } from '../../../../core/failure.ts';
import type { StoreRedactor } from '../../../../core/redaction/redactor.ts';
import type { Result } from '../../../../core/result.ts';
import type { Clock } from '../../../../io/clock.ts';
import { processesMarked, processTree, signalAll } from '../../../../io/process-tree.ts';
import { streamLog } from '../../shared/stream-log.ts';
import { closedStdio } from './inherited-descriptors.ts';
import type { StageCgroup } from './stage-cgroup.ts';
import { type WatchedFolder, watchStage } from './stage-watch.ts';

/** One process to run to its end, whatever it does. */
export interface ProcessRequest {
  /** Names the logs `<step>.stdout` and `<step>.stderr` in `logDir`. */
  readonly step: string;
  readonly program: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Whether the program is bubblewrap, which reports on descriptor 3 and takes its children with it. */
  readonly sandboxed: boolean;
  /** What it is started with from descriptor 4; a path is opened. */
  readonly descriptors?: readonly (number | string)[];
  /** `NAME=value` in the environment of an unsandboxed process, by which its strays are found. */
  readonly marker?: string;
  readonly logDir: string;
  readonly redactor: StoreRedactor;
  readonly timeoutMs: number;
  readonly memoryBytes: number;
  /** What the program starts in, so that the kernel holds the memory limit; absent: the processes are watched. */
  readonly cgroup?: StageCgroup;
  /** How many processes and threads it may have at the same time. */
  readonly processes: number;
  /** Folders of the machine that it writes to. */
  readonly folders: readonly WatchedFolder[];
  /** Per stream: how much is kept, and whether more of it is a failure (the name of the output it is). */
  readonly streams: Readonly<
    Record<'stdout' | 'stderr', { readonly limitBytes: number; readonly output?: string }>
  >;
  readonly graceMs: number;
  readonly pollMs: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** What would go on growing while it is given time to end. */
const GROWING: ReadonlySet<Failure['reason']> = new Set(['process-limit', 'file-limit', 'disk-limit']);

export type ProcessEnd = Result<{ readonly exitCode: number }, { readonly failure: Failure }> & {
  readonly wallMs: number;
  readonly maxRssBytes: number | null;
};

/** Runs a process under its limits. When this returns, nothing that it started is left. */
export async function runProcess(request: ProcessRequest): Promise<ProcessEnd> {
  const { clock, signal } = request;
  const startedAt = clock.now();
  if (signal.aborted) return { ok: false, failure: { reason: 'interrupted' }, wallMs: 0, maxRssBytes: null };
  const child = start(request);
  const exited = exitOf(child);
  let failure: Failure | undefined;
  let cancelGrace = () => {};

  /** The first reason stays; the process is asked to end, and made to after the grace. */
  function stop(reason: Failure): void {
    if (failure !== undefined) return;
    failure = reason;
    if (child.pid === undefined) return;
    if (GROWING.has(reason.reason)) {
      makeEnd(request, child.pid);
      return;
    }
    askToEnd(request, child.pid);
    cancelGrace = clock.after(request.graceMs, () => makeEnd(request, child.pid ?? 0));
  }

  const onAbort = () => stop({ reason: 'interrupted' });
  signal.addEventListener('abort', onAbort, { once: true });
  const cancelTimeout = clock.after(request.timeoutMs, () =>
    stop({ reason: 'timeout', limitMs: request.timeoutMs }),
  );
  const { memoryBytes, cgroup, ...watched } = request;
  const held = cgroup === undefined ? { memoryBytes } : { outOfProcesses: () => cgroup.outOfProcesses() };
  const watch = watchStage(child.pid, { ...watched, ...held }, stop);
  const logs = Promise.allSettled([
    log(request, child.stdout, 'stdout', stop),
    log(request, child.stderr, 'stderr', stop),
  ]);
  const status = request.sandboxed ? readAll(child.stdio[3] as Readable | null) : Promise.resolve('');
  const end = await exited;
  // Strays hold the pipes open: they go before the streams are waited for.
  if (child.pid !== undefined) makeEnd(request, child.pid);
  for (const result of await logs) {
    if (result.status === 'rejected') failure ??= logFailure(result.reason);
  }
  const report = await status;
  if (request.sandboxed) await namespaceGone(report);
  cancelTimeout();
  cancelGrace();
  // Asked for in any case: it ends the watch.
  const written = await watch.end();
  failure ??= written;
  signal.removeEventListener('abort', onAbort);
  const maxRssBytes = cgroup === undefined ? watch.maxRssBytes() : cgroup.peakBytes();
  const spent = { wallMs: clock.now() - startedAt, maxRssBytes };
  if (cgroup?.outOfMemory()) failure ??= { reason: 'memory', limitBytes: memoryBytes };
  failure ??= endFailure(request, end, report);
  if (failure !== undefined) return { ok: false, failure, ...spent };
  return { ok: true, exitCode: 'code' in end ? end.code : 0, ...spent };
}

/** Why a process that ended is not one that a tool ended; undefined when it is. */
function endFailure({ step, sandboxed }: ProcessRequest, end: End, report: string): Failure | undefined {
  if ('error' in end) return { reason: 'spawn-failed', detail: end.error };
  if ('signal' in end) return { reason: 'signal', step, signal: end.signal };
  // What `prlimit`, `setpriv` and shells give for a program that cannot be started.
  if (end.code === 126 || end.code === 127) {
    return { reason: 'spawn-failed', detail: 'the program could not be started; see its log' };
  }
  // Bubblewrap reports an exit code only of a program that it could start: its own exit 1 is no tool's.
  if (sandboxed && !/"exit-code"/.test(report)) {
    return { reason: 'spawn-failed', detail: 'the sandbox could not start it; see its log' };
  }
  return undefined;
}

function start(request: ProcessRequest): ChildProcess {
  const { stdio, done } = closedStdio(request.sandboxed ? ['pipe', ...(request.descriptors ?? [])] : []);
  try {
    return spawn(request.program, request.argv, {
      cwd: request.cwd,
      env: { ...request.env },
      // Its own process group: one signal reaches all of it, and the terminal's Ctrl-C none of it.
      detached: true,
      stdio,
    });
  } finally {
    done();
  }
}

type End = { readonly code: number } | { readonly signal: string } | { readonly error: string };

function exitOf(child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ error: error.message }));
    child.once('exit', (code, signal) => {
      resolve(code === null ? { signal: signal ?? 'SIGKILL' } : { code });
    });
  });
}

async function log(
  request: ProcessRequest,
  stream: Readable | null,
  name: 'stdout' | 'stderr',
  stop: (failure: Failure) => void,
): Promise<void> {
  if (stream === null) return;
  const { limitBytes, output } = request.streams[name];
  const { step, logDir, redactor } = request;
  await streamLog(stream, { path: join(logDir, `${step}.${name}`), redactor, limitBytes }, () => {
    if (output !== undefined) stop({ reason: 'output-too-large', output, limitBytes });
  });
}

function logFailure(error: unknown): Failure {
  const code = (error as NodeJS.ErrnoException)?.code;
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? { reason: 'disk-full', detail: 'the log could not be written' }
    : { reason: 'spawn-failed', detail: `its log could not be written: ${String(error)}` };
}

function askToEnd(request: ProcessRequest, pid: number): void {
  // Bubblewrap itself is spared: with it everything would die at once, and no tool could clean up.
  const tree = processTree(pid).filter((each) => !request.sandboxed || each !== pid);
  signalAll([...tree, ...strays(request)], 'SIGTERM');
}

function makeEnd(request: ProcessRequest, pid: number): void {
  signalAll([-pid], 'SIGKILL');
  signalAll(strays(request), 'SIGKILL');
}

function strays(request: ProcessRequest): number[] {
  return request.marker === undefined ? [] : processesMarked(request.marker);
}

async function readAll(stream: Readable | null): Promise<string> {
  let text = '';
  if (stream !== null) for await (const chunk of stream) text = `${text}${chunk}`.slice(0, 10_000);
  return text;
}

/** The kernel ends a pid namespace with its init, but not at once: waits until the init is gone. */
async function namespaceGone(report: string): Promise<void> {
  const pid = /"child-pid": *(\d+)/.exec(report)?.[1];
  const inode = /"pid-namespace": *(\d+)/.exec(report)?.[1];
  if (pid === undefined || inode === undefined) return;
  for (let tries = 0; tries < 1000; tries += 1) {
    // The namespace's number tells it from a later process with the same pid.
    if (!inNamespace(pid, inode)) return;
    signalAll([Number(pid)], 'SIGKILL');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function inNamespace(pid: string, inode: string): boolean {
  try {
    if (readlinkSync(`/proc/${pid}/ns/pid`) !== `pid:[${inode}]`) return false;
    // An init becomes a zombie only when all else in its namespace is gone; who reaps it may take its time.
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
