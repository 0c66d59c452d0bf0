import type { Console } from '../shared/console.ts';
import type { RunView } from './run-view.ts';
import { finishedText, installingText, SANDBOX_OFF, serviceText } from './stage-line.ts';

/** One line a stage, when it ends: for pipes, logs and terminals that cannot redraw. */
export function plainView(console: Console): RunView {
  const { paintError } = console;
  let width = 0;
  return {
    onEvent(event) {
      switch (event.type) {
        case 'run-started':
          width = Math.max(0, ...event.stages.map((stage) => stage.length));
          console.note(`profile ${event.profile}, ${event.stages.length} scanners`);
          if (event.sandbox === 'off') console.note(SANDBOX_OFF);
          return;
        case 'service':
          return console.note(serviceText(event, paintError));
        case 'installing':
          return console.note(installingText(event));
        case 'stage-finished':
          return console.note(`${event.stage.padEnd(width)}  ${finishedText(event, paintError)}`);
        case 'diagnostic':
          return console.diagnose([event.diagnostic]);
        case 'installed':
        case 'stage-started':
        case 'run-finished':
          return;
      }
    },
    note: (text) => console.note(text),
    close: async () => {},
  };
}
