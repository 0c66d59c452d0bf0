import type { StageCommand } from '../contract/command.ts';
import { engineStep } from '../families/dependency-check/dependency-check-providers.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args, provider }) => [
    provider.kind === 'maven'
      ? engineStep('check', [
          ...['check', { at: 'artifact', name: 'db' } as const, { at: 'out' } as const, '.'],
          String(options.experimental),
          ...args,
        ])
      : {
          id: 'check',
          argv: [
            ...['dependency-check.sh', '--project', 'source', '--scan', '.'],
            ...['--format', 'JSON', '--out', { at: 'out' } as const],
            ...['--data', { at: 'artifact', name: 'db' } as const],
            // Everything that would ask a server, or start another program on the scanned tree.
            ...['--noupdate', '--disableVersionCheck', '--disableHostedSuppressions'],
            ...['--disableOssIndex', '--disableCentral', '--disableNodeAudit', '--disableYarnAudit'],
            ...['--disablePnpmAudit', '--disableRetireJS', '--disableBundleAudit', '--disableMixAudit'],
            '--disableAssembly',
            ...(options.experimental ? ['--enableExperimental'] : []),
            ...args,
          ],
          env: { JAVA_OPTS: '-Djava.io.tmpdir=/tmp -Duser.home=/tmp/home' },
          // Without --failOnCVSS its code says nothing of findings; 13 and 14 are analyses that failed.
          exits: { '0': 'ok' },
        },
  ],
  notChecked: ({ experimental }) => [
    'flaws that only npm audit, OSS Index, RetireJS or another service knows: secplan queries none',
    ...(experimental ? [] : ['languages with experimental analyzers (experimental option)']),
  ],
};
