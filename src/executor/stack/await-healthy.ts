import type { ModelHealth } from '../../compiler/model/model.ts';
import type { Clock } from '../../io/clock.ts';
import type { RunningService } from '../ports.ts';

const FIRST_WAIT_MS = 100;

/**
 * Asks a service again and again, twice as long apart each time up to its interval, until it is healthy.
 * @returns why it is not, once it has ended, its time is over or the run is: undefined when it is healthy
 */
export async function awaitHealthy(
  service: Pick<RunningService, 'check' | 'ended'>,
  { intervalMs, timeoutMs }: Pick<ModelHealth, 'intervalMs' | 'timeoutMs'>,
  clock: Clock,
  signal: AbortSignal,
): Promise<string | undefined> {
  const over = Promise.withResolvers<string>();
  const stopAsking = new AbortController();
  let last = 'not checked yet';
  const onAbort = () => over.resolve('interrupted');
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  const cancel = clock.after(timeoutMs, () =>
    over.resolve(`not healthy after ${timeoutMs / 1000} s: ${last}`),
  );
  void service.ended.then((how) => over.resolve(`it exited before it was healthy: ${how}`));

  async function ask(): Promise<undefined> {
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, intervalMs)) {
      await pause(Math.min(wait, intervalMs), clock, stopAsking.signal);
      // What asks beyond the deadline must not go on for ever.
      if (stopAsking.signal.aborted) return new Promise(() => {});
      const why = await service.check(stopAsking.signal);
      if (why === undefined) return undefined;
      last = why;
    }
  }

  try {
    return await Promise.race([over.promise, ask()]);
  } finally {
    stopAsking.abort();
    cancel();
    signal.removeEventListener('abort', onAbort);
  }
}

function pause(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal.addEventListener('abort', done, { once: true });
  });
}
