import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'watch',
      argv: [
        ...['ig', 'run', 'trace_exec', '--timeout', String(options.seconds), '--output', 'json'],
        // Of the host's own programs, too: one start at least proves that it looked.
        ...['--host', '--verify-image=true'],
        // Without them an event does not say which file was started.
        '--paths',
        ...args,
      ],
      stdout: 'report',
      exits: { '0': 'ok' },
    },
  ],
  notChecked: ({ seconds }) => [
    `what happens on the machine outside the ${seconds} seconds that Inspektor Gadget watches, and what gadgets other than trace_exec would show`,
  ],
};
