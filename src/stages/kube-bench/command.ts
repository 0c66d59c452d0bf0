import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args, provider }) => [
    {
      id: 'run',
      argv: [
        ...['kube-bench', 'run', '--json'],
        // Its checks are shell commands, which it looks for in ./cfg first: never in a folder of the tree.
        ...['--config-dir', provider.kind === 'image' ? '/opt/kube-bench/cfg' : '/etc/kube-bench/cfg'],
        ...(options.benchmark === undefined ? [] : ['--benchmark', options.benchmark]),
        ...(options.targets.length === 0 ? [] : ['--targets', options.targets.join(',')]),
        ...['--outputfile', { at: 'out', sub: 'kube-bench.json' } as const],
        ...args,
      ],
      // Without --exit-code its code is 0 whatever it found.
      exits: { '0': 'ok' },
    },
  ],
  notChecked: () => ['nodes other than the one that runs the stage'],
};
