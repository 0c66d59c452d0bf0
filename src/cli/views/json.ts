import { type Console, forStream } from '../shared/console.ts';
import type { RunView } from './run-view.ts';

/** Every event as one JSON line on stderr. */
export function jsonView({ stderr }: Console): RunView {
  return {
    onEvent: (event) => void stderr.write(forStream(stderr, `${JSON.stringify(event)}\n`)),
    note: (message) => void stderr.write(forStream(stderr, `${JSON.stringify({ type: 'note', message })}\n`)),
    close: async () => {},
  };
}
