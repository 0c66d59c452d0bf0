import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ args }) => [
    {
      id: 'scan',
      // One path only: given two, Gitleaks scans the working folder instead.
      // -l trace: a line for each file; it also prints what it decodes, which the report's reader takes out.
      argv: [
        ...['gitleaks', 'dir', '.', '--no-banner', '--no-color', '--redact', '--ignore-gitleaks-allow'],
        ...['-l', 'trace'],
        ...args,
        '-f',
        'sarif',
        '-r',
        { at: 'out', sub: 'gitleaks.sarif' },
      ],
      stderr: 'files',
      exits: { '0': 'clean', '1': 'findings' },
    },
  ],
  notChecked: () => [
    'secrets in archives and in the history of the repository',
    'files that Gitleaks always skips: lock files, images, vendored and installed packages',
  ],
};
