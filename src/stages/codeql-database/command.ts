import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'create',
      argv: [
        ...['codeql', 'database', 'create', `--language=${options.language}`, '--source-root=.'],
        // No build is run: it would be a command of the tree.
        ...['--build-mode=none', '--threads=2', '--ram=3072', '--no-run-unnecessary-builds'],
        ...args,
        { at: 'out', sub: 'db' },
      ],
      exits: { '0': 'ok' },
    },
  ],
};
