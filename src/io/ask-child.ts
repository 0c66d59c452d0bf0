import { fork } from 'node:child_process';
import type { Result } from '../core/result.ts';

interface ChildQuestion {
  /** Absolute path of a module that answers one message with one message. */
  readonly entry: string;
  /** Structured clone; so is the answer. */
  readonly message: unknown;
  readonly heapMiB: number;
  readonly signal: AbortSignal;
}

/**
 * Asks a Node process that is started for it and has its own heap, an empty environment and no terminal. Not ok: it ended without an answer,
 * for example for want of memory, or was aborted. Never rejects.
 */
export function askChild({
  entry,
  message,
  heapMiB,
  signal,
}: ChildQuestion): Promise<Result<{ readonly reply: unknown }, object>> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve({ ok: false });
    const child = fork(entry, [], {
      execArgv: [`--max-old-space-size=${heapMiB}`],
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
    });
    const end = (result: Result<{ readonly reply: unknown }, object>) => {
      signal.removeEventListener('abort', onAbort);
      child.kill('SIGKILL');
      resolve(result);
    };
    const onAbort = () => end({ ok: false });
    signal.addEventListener('abort', onAbort, { once: true });
    child.once('message', (reply) => end({ ok: true, reply }));
    child.once('error', () => end({ ok: false }));
    child.once('exit', () => end({ ok: false }));
    child.send(message as object, (error) => {
      if (error !== null) end({ ok: false });
    });
  });
}
