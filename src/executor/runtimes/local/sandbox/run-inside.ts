import { spawn } from 'node:child_process';
import { closedStdio } from './inherited-descriptors.ts';
import type { OpenSandbox } from './working-sandbox.ts';

const LIMIT_MS = 10_000;

export interface InsideEnd {
  /** `null`: it could not be started, or was ended. */
  readonly code: number | null;
  readonly stdout: string;
  /** The first line of what went wrong. */
  readonly said: string;
}

/** Runs a program of ours in a sandbox to its end. Never rejects. */
export function runInside(
  sandbox: OpenSandbox,
  mounts: readonly string[],
  command: readonly string[],
): Promise<InsideEnd> {
  const [program = '', ...argv] = [...sandbox.argv(mounts), ...command];
  const { stdio, done } = closedStdio(['pipe', ...sandbox.descriptors]);
  return new Promise((resolve) => {
    const child = spawn(program, argv, {
      env: { PATH: '/usr/bin:/bin' },
      cwd: '/',
      stdio,
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
    });
    done();
    let [stdout, stderr] = ['', ''];
    child.stdout?.on('data', (chunk) => {
      stdout = `${stdout}${chunk}`.slice(0, 10_000);
    });
    child.stderr?.on('data', (chunk) => {
      stderr = `${stderr}${chunk}`.slice(0, 1000);
    });
    child.stdio[3]?.on('data', () => {});
    child.once('error', (error) => resolve({ code: null, stdout, said: error.message }));
    child.once('close', (code) => {
      resolve({ code, stdout, said: stderr.trim().split('\n')[0] || `it ended with ${code}` });
    });
  });
}
