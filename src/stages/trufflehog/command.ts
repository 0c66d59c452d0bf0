import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'scan',
      argv: [
        // No value is sent anywhere to see whether it works, and no newer version is fetched.
        ...['trufflehog', 'filesystem', '.', '--json', '--no-verification', '--no-update', '--fail'],
        ...(options.excludeDetectors.length > 0
          ? [`--exclude-detectors=${options.excludeDetectors.join(',')}`]
          : []),
        ...args,
      ],
      stdout: 'report',
      stderr: 'log',
      exits: { '0': 'clean', '183': 'findings' },
    },
  ],
  notChecked: ({ excludeDetectors }) => [
    'whether secrets work: they are not verified',
    'secrets on a line with a trufflehog:ignore comment, which no switch turns off',
    'secrets in the history of the repository',
    ...(excludeDetectors.length > 0 ? [`TruffleHog detectors ${excludeDetectors.join(', ')}`] : []),
  ],
};
