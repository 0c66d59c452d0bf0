import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

/** A label that is required and that no Dockerfile has: rule DL3049 then hits in every file that was understood. */
export const SEEN = 'secplan-seen';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'scan',
      argv: [
        // Comments (`hadolint ignore=`) must not silence a finding.
        ...['hadolint', '--no-color', '--disable-ignore-pragma', '--format', 'sarif'],
        // A label that no file has: its absence in each is the proof that the file was read.
        ...['--require-label', `${SEEN}:text`],
        ...options.ignore.flatMap((rule) => ['--ignore', rule]),
        ...options.trustedRegistries.flatMap((registry) => ['--trusted-registry', registry]),
        ...args,
        { at: 'files' },
      ],
      stdout: 'report',
      // 1 also when it could not open a file: then it writes no report.
      exits: { '0': 'ok', '1': 'ok' },
    },
  ],
  notChecked: ({ ignore }) => (ignore.length > 0 ? [`Hadolint rules ${ignore.join(', ')}`] : []),
};
