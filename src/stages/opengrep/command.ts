import type { ArgvPart, StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, provider, args }) => {
    const semgrep = provider.standsInAs === 'Semgrep';
    const start: ArgvPart[] =
      provider.bin === 'python' ? ['python', { at: 'asset', name: 'start' }] : [provider.bin];
    return [
      {
        id: 'scan',
        argv: [
          ...start,
          'scan',
          '--error',
          '--disable-version-check',
          ...(semgrep ? ['--metrics=off'] : []),
          // Ids as the rules have them, not led by the folder that they lie in.
          '--no-rewrite-rule-ids',
          // Neither comments (`nosemgrep`) nor ignore files nor the built-in list of folders (tests, vendor) hide a file.
          ...[
            '--disable-nosem',
            '--no-git-ignore',
            '--x-ignore-semgrepignore-files',
            '--max-target-bytes',
            '0',
          ],
          ...['--jobs', '1'],
          ...options.excludeRules.flatMap((rule) => ['--exclude-rule', rule]),
          ...args,
          '--config',
          { at: 'asset', name: 'rules' },
          '--json',
          { at: 'out', sub: 'opengrep.json', prefix: '--output=' },
          '.',
        ],
        // Semgrep will not start without some certificate authority, also where there is no network. This one has no key.
        ...(semgrep ? { env: { SSL_CERT_FILE: { at: 'asset', name: 'authority' } } as const } : {}),
        exits: { '0': 'clean', '1': 'findings' },
      },
    ];
  },
  notChecked: ({ excludeRules }) => (excludeRules.length > 0 ? [`rules ${excludeRules.join(', ')}`] : []),
};
