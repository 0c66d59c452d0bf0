import type { Clock } from '../../../io/clock.ts';

/**
 * Gives up after `ms`, whatever becomes of what was begun; its signal tells it so.
 * @throws Error that says how long was waited, or what `run` throws
 */
export async function within<T>(
  clock: Clock,
  ms: number,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const late = new Error(`it took longer than ${ms / 1000} s`);
  let cancel = (): void => undefined;
  const deadline = new Promise<never>((_, reject) => {
    cancel = clock.after(ms, () => {
      stop.abort(late);
      reject(late);
    });
  });
  const running = run(stop.signal);
  // Nobody listens any more once the deadline has won.
  running.catch(() => undefined);
  try {
    return await Promise.race([running, deadline]);
  } finally {
    cancel();
  }
}
