import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { INSTALLED, START_ENV } from './installed.ts';

// The one way to start the command line: as installed from the tarball, in a process of its own.

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliRun {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** Parsed lines of standard error so far. */
  readonly events: readonly Record<string, unknown>[];
  readonly ended: Promise<CliResult & { readonly signal: string | null }>;
}

/**
 * Starts it with exactly this environment.
 * @param bin another installation's
 */
export function startCli(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
  bin: string = INSTALLED.bin,
): CliRun {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd,
    env: { ...START_ENV, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const events: Record<string, unknown>[] = [];
  let [stdout, stderr, rest] = ['', '', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('{')) events.push(JSON.parse(line));
  });
  const ended = new Promise<Awaited<CliRun['ended']>>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stderr, stdout }));
  });
  return { child, events, ended };
}

/** Waits, without a clock, until something holds; false when the process ended before. */
export async function until(run: CliRun, holds: () => boolean): Promise<boolean> {
  while (!holds()) {
    if (run.child.exitCode !== null || run.child.signalCode !== null) return holds();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return true;
}

/** A folder of its own for one test, with homes for cache and tools in it. */
export interface CliPlace extends Disposable {
  readonly dir: string;
  /** Nothing of the caller's environment but PATH. */
  readonly env: Readonly<Record<string, string>>;
  secplan(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<CliResult>;
}

/** @param example workspace of `manifests/examples` that is copied there */
export function cliPlace(example?: string): CliPlace {
  const base = mkdtempSync(join(tmpdir(), 'secplan-cli-'));
  const dir = join(base, 'work');
  if (example === undefined) mkdirSync(dir);
  else cpSync(join(ROOT, 'manifests/examples', example), dir, { recursive: true });
  const own = {
    PATH: process.env.PATH ?? '',
    HOME: base,
    SECPLAN_CACHE_DIR: join(base, 'cache'),
    SECPLAN_TOOLS_DIR: join(base, 'tools'),
  };
  return {
    dir,
    env: own,
    secplan: (args, env = {}) => startCli(args, dir, { ...own, ...env }).ended,
    [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true }),
  };
}
