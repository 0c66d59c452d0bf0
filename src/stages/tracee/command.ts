import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'watch',
      // It does not end by itself, and has no option for that.
      system: true,
      argv: [
        ...['timeout', '-s', 'INT', '-k', '20', String(options.seconds), { at: 'tool' } as const],
        // Its own signatures, and starts of programs, which prove that it looked.
        ...['--events', 'signatures,sched_process_exec'],
        ...['--output', { at: 'out', sub: 'tracee.jsonl', prefix: 'json:' } as const],
        ...args,
      ],
      // 124: its time was up.
      exits: { '0': 'ok', '124': 'ok' },
    },
  ],
  notChecked: ({ seconds }) => [
    `what happens on the machine outside the ${seconds} seconds that Tracee watches`,
  ],
};
