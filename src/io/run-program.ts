import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

export interface ProgramResult {
  /** `null` when it was ended by a signal or could not be started. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

export interface ProgramOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds; the whole process group is killed after it. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Watches what is started, and may stop it with a reason. What it gives is called at the end, and may have a reason too. */
  readonly watch?: (pid: number, stop: (why: string) => void) => () => Promise<string | undefined>;
  /** Descriptors that it starts with; output and errors must be pipes. Absent: those, and no input. */
  readonly stdio?: () => { readonly stdio: StdioOptions; done(): void };
}

const MAX_OUTPUT = 16 * 2 ** 20;

/** Runs one installer program to its end, without a shell and without input. Never throws; output is cut at 16 MiB. */
export function runProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let timedOut = false;
    let stopped: string | undefined;
    // Its own process group, so that what it started is killed with it.
    const child = start(program, args, options);
    const kill = (): void => {
      try {
        if (child.pid) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Already gone.
      }
    };
    const timer = setTimeout(() => {
      timedOut = true;
      kill();
    }, options.timeoutMs);
    options.signal?.addEventListener('abort', kill, { once: true });
    const watched =
      child.pid === undefined
        ? undefined
        : options.watch?.(child.pid, (why) => {
            stopped ??= why;
            kill();
          });
    collect(child.stdout, stdout);
    collect(child.stderr, stderr);
    for (const more of child.stdio.slice(3)) (more as Readable | null)?.resume?.();
    const end = async (code: number | null, note: string): Promise<void> => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', kill);
      const atEnd = await watched?.();
      const why = stopped ?? atEnd;
      const said = Buffer.concat(stderr).toString('utf8') + note;
      resolve({
        code: why === undefined ? code : null,
        stdout: Buffer.concat(stdout).toString('utf8'),
        stderr: why === undefined ? said : `${said}\n${why}`,
        timedOut,
      });
    };
    child.once('error', (error) => void end(null, error.message));
    child.once('close', (code) => void end(code, ''));
    if (options.signal?.aborted) kill();
  });
}

function start(program: string, args: readonly string[], { cwd, env, stdio }: ProgramOptions): ChildProcess {
  const descriptors = stdio?.();
  try {
    return spawn(program, [...args], {
      cwd,
      env: { ...env },
      stdio: descriptors?.stdio ?? ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
  } finally {
    descriptors?.done();
  }
}

function collect(stream: NodeJS.ReadableStream | null, into: Buffer[]): void {
  let size = 0;
  stream?.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_OUTPUT) into.push(chunk);
  });
}

/** The last lines of what a program said, for a message: at most 600 characters. */
export function tailOf(result: ProgramResult): string {
  const text = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-6).join(' | ');
  return text.length > 600 ? `…${text.slice(-600)}` : text;
}
