import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) =>
    options.remote.length === 0
      ? []
      : [
          {
            id: 'hunt',
            argv: [
              // Passive only: active hunting changes the cluster.
              ...['kube-hunter', '--report', 'json', '--dispatch', 'stdout', '--log', 'none', '--statistics'],
              ...args,
              ...['--remote', ...options.remote],
            ],
            stdout: 'report',
            exits: { '0': 'ok' },
          },
        ],
  notChecked: ({ remote }) => [
    'what an attacker sees from inside a pod, and active tests, which change the cluster; it has no checks after 2022',
    ...(remote.length === 0 ? ['every node: the remote option names none'] : []),
  ],
};
