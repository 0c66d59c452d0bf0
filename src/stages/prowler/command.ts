import type { StageCommand } from '../contract/command.ts';
import { accountEnv, cloudAccountOf, launched } from '../families/cloud/cloud-account.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args, target }) => {
    const account = cloudAccountOf(target);
    const { provider, region } = account;
    return [
      {
        id: 'scan',
        argv: [
          ...launched(account, 'prowler'),
          ...[provider, '--output-formats', 'json-ocsf', '--output-directory', { at: 'out' } as const],
          ...['--output-filename', 'prowler', '--no-banner', '--no-color', '--ignore-exit-code-3'],
          ...(provider === 'aws' && region !== undefined ? ['--region', region] : []),
          ...(provider === 'azure' ? ['--sp-env-auth', '--subscription-id', account.account] : []),
          ...(provider === 'gcp' ? ['--project-id', account.account] : []),
          ...(options.services.length > 0 ? ['--services', ...options.services] : []),
          ...(options.excludeChecks.length > 0 ? ['--excluded-checks', ...options.excludeChecks] : []),
          ...args,
        ],
        env: accountEnv(account),
        exits: { '0': 'ok' },
      },
    ];
  },
  notChecked: ({ services, excludeChecks }) => [
    'resources that the credentials cannot read; checks that must be done by hand',
    ...(services.length > 0 ? [`services other than ${services.join(', ')} (services option)`] : []),
    ...(excludeChecks.length > 0 ? [`Prowler checks ${excludeChecks.join(', ')}`] : []),
  ],
};
