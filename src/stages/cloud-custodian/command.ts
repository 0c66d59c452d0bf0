import type { StageCommand } from '../contract/command.ts';
import { accountEnv, cloudAccountOf, launched } from '../families/cloud/cloud-account.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ args, target }) => {
    const account = cloudAccountOf(target);
    // The package holds what speaks to AWS only.
    if (account.provider !== 'aws') return [];
    const left = { at: 'tmp', sub: 'custodian' } as const;
    return [
      {
        id: 'run',
        argv: [
          ...launched(account, 'custodian'),
          // Nothing is changed, and nothing is kept between runs.
          ...['run', '--dryrun', '--cache-period', '0', '--output-dir', left],
          ...['--region', account.region ?? 'us-east-1'],
          ...args,
          { at: 'asset', name: 'aws' },
        ],
        env: accountEnv(account),
        exits: { '0': 'ok' },
      },
      {
        id: 'collect',
        argv: ['python', '-I', { at: 'asset', name: 'collect' }, left, { at: 'out', sub: 'custodian.json' }],
        exits: { '0': 'ok' },
      },
    ];
  },
  notChecked: () => [
    'policies in the workspace, Azure and Google Cloud, and without a region in the target all regions except us-east-1',
  ],
};
