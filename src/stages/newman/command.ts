import type { StageCommand } from '../contract/command.ts';
import { authEnv, textDetail } from '../families/http/http-auth.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args, target }) => [
    {
      id: 'run',
      argv: [
        // The collection comes first: the script that is loaded before looks for it there.
        ...['newman', 'run', { at: 'source', sub: textDetail(target, 'postman') ?? '' } as const],
        ...options.baseUrlVariables.flatMap((name) => [
          '--env-var',
          { at: 'endpoint', prefix: `${name}=` } as const,
        ]),
        ...['--reporters', 'cli,json', '--reporter-json-export', { at: 'out', sub: 'newman.json' } as const],
        ...[
          '--timeout-request',
          String(Math.round(options.requestTimeout * 1000)),
          '--timeout-script',
          '10000',
        ],
        ...['--working-dir', { at: 'source' } as const, '--no-insecure-file-read'],
        ...['--color', 'off', '--disable-unicode'],
        ...args,
      ],
      env: {
        NODE_OPTIONS: { at: 'asset', name: 'newman', sub: 'auth.cjs', prefix: '--require=' },
        ...authEnv(target),
      },
      exits: { '0': 'clean', '1': 'findings' },
    },
  ],
  notChecked: () => ['whatever the collection does not request or assert'],
};
