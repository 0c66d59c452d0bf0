import type { Console } from '../shared/console.ts';
import type { RunView } from './run-view.ts';
import { SANDBOX_OFF } from './stage-line.ts';

/** JSON lines with `--json`, only diagnostics with `--quiet`, a live list on a terminal, else one line a stage. */
export async function openView(console: Console, quiet = false): Promise<RunView> {
  if (console.json) return (await import('./json.ts')).jsonView(console);
  if (quiet) return quietView(console);
  if (console.live) return (await import('./human.ts')).humanView(console);
  return (await import('./plain.ts')).plainView(console);
}

function quietView(console: Console): RunView {
  return {
    onEvent(event) {
      if (event.type === 'diagnostic') console.diagnose([event.diagnostic]);
      else if (event.type === 'run-started' && event.sandbox === 'off') console.note(SANDBOX_OFF);
    },
    note: (text) => console.note(text),
    close: async () => {},
  };
}
