import type { StageCommand } from '../contract/command.ts';
import { authEnv } from '../families/http/http-auth.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args, target, provider }) => [
    {
      id: 'ask',
      argv: [
        ...(provider.kind === 'image' ? ['python', '/app/graphql-cop.py'] : ['graphql-cop.py']),
        // A path is named, so no others are tried.
        ...['-t', { at: 'endpoint', sub: options.graphqlPath } as const, '-o', 'json'],
        ...args,
      ],
      // Its modules lie beside its script, which Python's safe path would not look at.
      env: { PYTHONSAFEPATH: '', PYTHONPATH: { at: 'asset', name: 'cop' }, ...authEnv(target) },
      stdout: 'report',
      exits: { '0': 'ok' },
    },
  ],
  notChecked: () => ['the checks of GraphQL Raider itself, which needs Burp: GraphQL Cop runs instead'],
};
