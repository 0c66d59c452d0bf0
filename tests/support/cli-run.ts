import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { normalise } from '../../src/evidence/golden/normalise.ts';

const MAIN = new URL('../../src/cli/main.ts', import.meta.url).pathname;

export interface CliRun {
  readonly child: ChildProcess;
  /** Parsed lines of standard error so far. */
  readonly events: readonly Record<string, unknown>[];
  readonly ended: Promise<{
    readonly code: number | null;
    readonly signal: string | null;
    readonly stderr: string;
    readonly stdout: string;
  }>;
}

/** Starts the real command line in a process of its own. */
export function startCli(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): CliRun {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const events: Record<string, unknown>[] = [];
  let [stdout, stderr, rest] = ['', '', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('{')) events.push(JSON.parse(line));
  });
  const ended = new Promise<Awaited<CliRun['ended']>>((resolve) => {
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

/** Processes whose command line holds a text. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(text);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Every file of a bundle after normalisation, by path. */
export function normalBundle(dir: string): Record<string, string> {
  const files = (readdirSync(dir, { recursive: true }) as string[]).filter((name) =>
    statSync(join(dir, name)).isFile(),
  );
  return Object.fromEntries(
    files.sort().map((path) => {
      const normal = normalise(
        path,
        /(json|sarif)$/.test(path) ? 'application/json' : 'text/plain',
        readFileSync(join(dir, path), 'utf8'),
      );
      return [path, 'text' in normal ? normal.text : normal.kind];
    }),
  );
}
