import type { Diagnostic } from '../../../core/diagnostic.ts';
import type { OnEvent, RunEvent } from '../../../executor/events.ts';
import type { Clock } from '../../../io/clock.ts';

/** What a run says while it goes on: to its caller at once, and for the bundle. */
export interface RunLog {
  /** Everything since planning: events.jsonl. */
  readonly events: readonly RunEvent[];
  /** Of planning and since, in order. */
  readonly diagnostics: readonly Diagnostic[];
  readonly onEvent: OnEvent;
  /** A diagnostic of now. */
  tell(diagnostic: Diagnostic): void;
  /** Diagnostics of planning: they are about the manifest and no event of the run. */
  announce(diagnostics: readonly Diagnostic[]): void;
  /** Starts counting the run's time. @returns the clock's reading */
  start(): number;
  /** Milliseconds since `start`; 0 before it. */
  elapsed(): number;
}

export function openRunLog(tellCaller: OnEvent, clock: Pick<Clock, 'now'>): RunLog {
  const events: RunEvent[] = [];
  const diagnostics: Diagnostic[] = [];
  let startedAt: number | undefined;
  const elapsed = (): number => (startedAt === undefined ? 0 : clock.now() - startedAt);
  let last = 0;
  const onEvent = (told: RunEvent): void => {
    // Some say when they were found out, not when they happened: times of a log only go up.
    last = Math.max(last, told.at);
    const event = { ...told, at: last };
    events.push(event);
    if (event.type === 'diagnostic') diagnostics.push(event.diagnostic);
    tellCaller(event);
  };
  return {
    events,
    diagnostics,
    onEvent,
    elapsed,
    tell: (diagnostic) => onEvent({ type: 'diagnostic', at: elapsed(), diagnostic }),
    announce(found) {
      diagnostics.push(...found);
      for (const diagnostic of found) tellCaller({ type: 'diagnostic', at: 0, diagnostic });
    },
    start() {
      startedAt = clock.now();
      return startedAt;
    },
  };
}
