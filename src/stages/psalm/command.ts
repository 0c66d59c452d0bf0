import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'scan',
      argv: [
        'psalm',
        { at: 'asset', name: 'config', prefix: '--config=' },
        { at: 'source', prefix: '--root=' },
        ...['--taint-analysis', '--no-cache', '--monochrome', '--no-suggestions', '--ignore-baseline'],
        // Its log names each file that it analyses.
        '--debug',
        ...(options.phpVersion === undefined ? [] : [`--php-version=${options.phpVersion}`]),
        ...args,
        { at: 'out', sub: 'psalm.json', prefix: '--report=' },
      ],
      stderr: 'files',
      // 2: something was found; a file that is no PHP counts as that, too. 1 is an error.
      exits: { '0': 'ok', '2': 'ok' },
    },
  ],
  notChecked: () => [
    'flows that a @psalm-suppress or @psalm-taint-escape comment suppresses, which no option can disable',
    'flows through installed packages, which Psalm does not get',
  ],
};
