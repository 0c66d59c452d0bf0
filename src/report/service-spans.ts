import type { RunEvent } from '../executor/events.ts';

/** From when to when a service of the stack lived; milliseconds since the run's start. */
export interface ServiceSpan {
  readonly id: string;
  readonly startedAt: number;
  /** Absent when it never was. */
  readonly healthyAt?: number;
  readonly endedAt: number;
}

/** The services in the events of a run, in the order in which they started. */
export function serviceSpans(events: readonly RunEvent[], endMs: number): ServiceSpan[] {
  const spans = new Map<string, ServiceSpan>();
  for (const event of events) {
    if (event.type !== 'service') continue;
    const { stage: id, state, at } = event;
    const span = spans.get(id);
    if (span === undefined) {
      if (state === 'starting') spans.set(id, { id, startedAt: at, endedAt: endMs });
    } else if (state === 'healthy') spans.set(id, { ...span, healthyAt: at });
    else if (state === 'failed' || state === 'stopped') spans.set(id, { ...span, endedAt: at });
  }
  return [...spans.values()];
}
