import type { StageCommand } from '../contract/command.ts';
import { cloudAccountOf } from '../families/cloud/cloud-account.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ args, target }) =>
    // Our controls ask the tables of AWS only.
    cloudAccountOf(target).provider !== 'aws'
      ? []
      : [
          {
            id: 'benchmark',
            argv: [
              ...['powerpipe', 'benchmark', 'run', 'aws', '--output', 'json'],
              ...['--mod-location', { at: 'asset', name: 'mod' } as const],
              ...['--progress=false', '--input=false', '--mod-install=false'],
              ...args,
            ],
            env: {
              POWERPIPE_INSTALL_DIR: { at: 'tmp', sub: 'powerpipe' },
              POWERPIPE_TELEMETRY: 'none',
              POWERPIPE_UPDATE_CHECK: 'false',
            },
            stdout: 'report',
            // 1 for alarms, 2 for controls in error: the report contains both.
            exits: { '0': 'ok', '1': 'ok', '2': 'ok' },
          },
        ],
  notChecked: () => [
    'other benchmarks, Azure and Google Cloud: only the four AWS controls of secplan run;  they need the secret POWERPIPE_DATABASE and a network to that Steampipe service',
  ],
};
