import type { StageCommand } from '../contract/command.ts';
import { engineStep } from '../families/dependency-check/dependency-check-providers.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ args, provider }) => [
    provider.kind === 'maven'
      ? engineStep('update', ['update', { at: 'out', sub: 'db' } as const, ...args])
      : {
          id: 'update',
          argv: [
            ...['dependency-check.sh', '--updateonly', '--data', { at: 'out', sub: 'db' } as const],
            ...['--disableVersionCheck', '--disableHostedSuppressions', '--disableRetireJS'],
            ...args,
          ],
          env: { JAVA_OPTS: '-Djava.io.tmpdir=/tmp -Duser.home=/tmp/home' },
          // 8 and 9 are updates that failed.
          exits: { '0': 'ok' },
        },
  ],
};
