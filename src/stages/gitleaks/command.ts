import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ args }) => [
    {
      id: 'scan',
      // One path only: given two, Gitleaks scans the working folder instead. No -l debug: that prints what it decodes.
      argv: [
        ...['gitleaks', 'dir', '.', '--no-banner', '--no-color', '--redact', '--ignore-gitleaks-allow'],
        ...args,
        '-f',
        'sarif',
        '-r',
        { at: 'out', sub: 'gitleaks.sarif' },
      ],
      exits: { '0': 'clean', '1': 'findings' },
    },
  ],
  notChecked: () => [
    'secrets in archives and in the history of the repository',
    'files that Gitleaks always skips: lock files, images, vendored and installed packages',
  ],
};
