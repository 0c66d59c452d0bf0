import { EXIT } from './exit-code.ts';

export interface Interrupt extends Disposable {
  readonly signal: AbortSignal;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** One Ctrl-C can arrive twice: from the terminal and from a parent that passes it on. */
const SAME_MS = 300;

/**
 * Turns the first SIGINT, SIGTERM or SIGHUP into an abort, so that a run ends in order. A second one ends the process
 * at once; its scanners die with it.
 */
export function catchInterrupt(onFirst: () => void): Interrupt {
  const controller = new AbortController();
  let firstAt = 0;
  const handler = (): void => {
    if (!controller.signal.aborted) {
      firstAt = performance.now();
      onFirst();
      controller.abort();
    } else if (performance.now() - firstAt > SAME_MS) process.exit(EXIT.interrupted);
  };
  for (const name of SIGNALS) process.on(name, handler);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const name of SIGNALS) process.off(name, handler);
    },
  };
}
