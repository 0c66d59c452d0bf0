import { Listr, ListrLogger, type ListrTaskWrapper, ProcessOutput } from 'listr2';
import type { RunEvent } from '../../executor/events.ts';
import type { Console } from '../shared/console.ts';
import type { RunView } from './run-view.ts';
import { finishedText, installingText, SANDBOX_OFF, serviceText } from './stage-line.ts';

type Finished = Extract<RunEvent, { type: 'stage-finished' }>;
// biome-ignore lint/suspicious/noExplicitAny: the library's renderer types do not matter here
type Wrapper = ListrTaskWrapper<unknown, any, any>;

interface Row {
  readonly stage: string;
  wrapper?: Wrapper;
  /** What the row said last; the list may not have begun to draw it yet. */
  text?: string;
  finish(event: Finished | undefined): void;
}

/** A live list of the stages on stderr: what waits, runs, and how each ended. */
export function humanView(console: Console): RunView {
  const { paintError: paint } = console;
  const rows = new Map<string, Row>();
  // Lines that arrive while the list is drawn would break it: they are held and written below it.
  const held: (() => void)[] = [];
  let drawing: Promise<unknown> | undefined;
  const say = (write: () => void): void => {
    if (drawing === undefined) write();
    else held.push(write);
  };
  const title = (stage: string, text: string): void => {
    const row = rows.get(stage);
    if (row === undefined) return;
    row.text = `${stage.padEnd(widest(rows))}  ${text}`;
    if (row.wrapper !== undefined) row.wrapper.title = row.text;
  };
  return {
    onEvent(event) {
      switch (event.type) {
        case 'run-started':
          console.note(`profile ${event.profile}, ${event.stages.length} scanners`);
          if (event.sandbox === 'off') console.note(SANDBOX_OFF);
          drawing = draw(event.stages, rows, paint);
          return;
        case 'installing': {
          const ids = [...rows.keys()].filter((id) => id === event.tool || id.startsWith(`${event.tool}:`));
          if (ids.length === 0) return say(() => console.note(installingText(event)));
          for (const id of ids) title(id, paint('cyan', installingText(event)));
          return;
        }
        case 'service': {
          const { state } = event;
          if (state === 'failed' || state === 'healthy') say(() => console.note(serviceText(event, paint)));
          return;
        }
        case 'stage-started':
          return title(event.stage, paint('cyan', 'running'));
        case 'stage-finished':
          return rows.get(event.stage)?.finish(event);
        case 'diagnostic':
          return say(() => console.diagnose([event.diagnostic]));
        case 'installed':
        case 'run-finished':
          return;
      }
    },
    note: (text) => say(() => console.note(text)),
    async close() {
      for (const row of rows.values()) row.finish(undefined);
      await drawing;
      drawing = undefined;
      for (const write of held.splice(0)) write();
      if (rows.size > 0) console.note('');
    },
  };
}

function draw(
  stages: readonly string[],
  rows: Map<string, Row>,
  paint: Console['paintError'],
): Promise<unknown> {
  const width = Math.max(0, ...stages.map((stage) => stage.length));
  const tasks = stages.map((stage) => {
    const { promise, resolve } = Promise.withResolvers<Finished | undefined>();
    const row: Row = { stage, finish: resolve };
    rows.set(stage, row);
    return {
      title: `${stage.padEnd(width)}  ${paint('gray', 'waiting')}`,
      task: async (_: unknown, wrapper: Wrapper) => {
        row.wrapper = wrapper;
        if (row.text !== undefined) wrapper.title = row.text;
        const event = await promise;
        const text = event === undefined ? paint('yellow', 'stopped') : finishedText(event, paint);
        wrapper.title = `${stage.padEnd(width)}  ${text}`;
        if (event?.state === 'done') return;
        if (event === undefined || event.state === 'incomplete') throw new Error(wrapper.title);
        wrapper.skip(wrapper.title);
      },
    };
  });
  const output = new ProcessOutput(process.stderr, process.stderr);
  const list = new Listr(tasks, {
    concurrent: true,
    exitOnError: false,
    // The run itself answers to signals.
    registerSignalListeners: false,
    rendererOptions: {
      // The rows of the ending take its place.
      clearOutput: true,
      collapseErrors: false,
      collapseSkips: false,
      showErrorMessage: false,
      showSkipMessage: false,
      formatOutput: 'truncate',
      logger: new ListrLogger({ useIcons: true, processOutput: output }),
    },
  });
  return list.run();
}

function widest(rows: ReadonlyMap<string, Row>): number {
  return Math.max(0, ...[...rows.keys()].map((id) => id.length));
}
