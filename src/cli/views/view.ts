import type { Console } from '../shared/console.ts';
import type { RunView } from './run-view.ts';

/** JSON lines with `--json`, a live list on a terminal, else one line a stage. */
export async function openView(console: Console): Promise<RunView> {
  if (console.json) return (await import('./json.ts')).jsonView(console);
  if (console.live) return (await import('./human.ts')).humanView(console);
  return (await import('./plain.ts')).plainView(console);
}
