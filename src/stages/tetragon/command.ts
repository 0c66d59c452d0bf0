import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'watch',
      // It does not end by itself. Its image has the timeout of BusyBox, which knows no long options.
      system: true,
      argv: [
        ...['timeout', '-s', 'INT', '-k', '20', String(options.seconds), { at: 'tool' } as const],
        ...['--tracing-policy-dir', { at: 'asset', name: 'policies' } as const],
        // One file: it would start another after 10 MB and leave the first beside it, unread.
        ...[
          '--export-filename',
          { at: 'out', sub: 'tetragon.jsonl' } as const,
          '--export-file-max-size-mb=1024',
        ],
        // No port is opened: the last listens on 6789 otherwise.
        ...['--server-address=', '--gops-address=', '--metrics-server=', '--health-server-address='],
        ...args,
      ],
      // 124: its time was up.
      exits: { '0': 'ok', '124': 'ok' },
    },
  ],
  notChecked: ({ seconds }) => [
    `what happens on the machine outside the ${seconds} seconds that Tetragon watches, and everything outside the one policy of secplan`,
  ],
};
