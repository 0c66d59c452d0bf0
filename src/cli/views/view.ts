import type { RunEvent } from '../../executor/events.ts';
import type { Console } from '../console.ts';

/** Shows a run while it goes on. Everything it writes goes to stderr. */
export interface RunView {
  onEvent(event: RunEvent): void;
  /** A line from outside of the run. */
  note(text: string): void;
  /** Leaves the terminal as it was. */
  close(): Promise<void>;
}

/** JSON lines with `--json`, a live list on a terminal, else one line a stage. */
export async function openView(console: Console): Promise<RunView> {
  if (console.json) return (await import('./json.ts')).jsonView(console);
  if (console.live) return (await import('./human.ts')).humanView(console);
  return (await import('./plain.ts')).plainView(console);
}
