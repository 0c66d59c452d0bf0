import type { RunEvent } from '../../executor/events.ts';

/** Shows a run while it goes on. Everything it writes goes to stderr. */
export interface RunView {
  onEvent(event: RunEvent): void;
  /** A line from outside of the run. */
  note(text: string): void;
  /** Leaves the terminal as it was. */
  close(): Promise<void>;
}
