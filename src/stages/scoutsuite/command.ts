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
          ...launched(account, 'scout'),
          ...[provider, '--no-browser', '--force', '--quiet', '--report-dir', { at: 'out' } as const],
          ...['--report-name', 'secplan'],
          ...(provider === 'aws' && region !== undefined ? ['--regions', region] : []),
          // It reads them from no environment: launch.py puts the value of the variable in their place.
          ...(provider === 'azure'
            ? [
                ...[
                  '--service-principal',
                  '--tenant',
                  'env:AZURE_TENANT_ID',
                  '--subscriptions',
                  account.account,
                ],
                ...['--client-id', 'env:AZURE_CLIENT_ID', '--client-secret', 'env:AZURE_CLIENT_SECRET'],
              ]
            : []),
          ...(provider === 'gcp'
            ? ['--service-account', 'env:GOOGLE_APPLICATION_CREDENTIALS', '--project-id', account.account]
            : []),
          ...(options.services.length > 0 ? ['--services', ...options.services] : []),
          ...args,
        ],
        env: accountEnv(account),
        // 101: it could not log in; 200: something could not be fetched.
        exits: { '0': 'ok' },
      },
    ];
  },
  notChecked: ({ services }) => [
    'resources that the credentials cannot read',
    ...(services.length > 0 ? [`services other than ${services.join(', ')} (services option)`] : []),
  ],
};
