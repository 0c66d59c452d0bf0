import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'scan',
      argv: [
        ...['zizmor', '--offline', '--no-progress', '--color', 'never', '--format', 'sarif'],
        // Neither comments (`zizmor: ignore`) nor a configuration nor .gitignore hide anything.
        ...['--no-ignores', '--no-config', '--collect', 'all'],
        ...['--persona', options.persona],
        ...args,
        '.',
      ],
      stdout: 'report',
      stderr: 'files',
      // With SARIF it ends with 0 whatever it found.
      exits: { '0': 'ok' },
    },
  ],
  notChecked: () => [
    'audits of zizmor that query GitHub, for example whether an action has known vulnerabilities',
  ],
};
