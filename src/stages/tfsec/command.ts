import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'scan',
      argv: [
        ...['tfsec', '.', '--format', 'json', '--no-color', '--no-code'],
        // Comments and a broken file must not silence the rest; nothing is fetched.
        ...['--no-ignores', '--ignore-hcl-errors', '--force-all-dirs', '--no-module-downloads'],
        // Its code would be 1 for findings and for errors alike.
        ...['--soft-fail', '--debug'],
        ...(options.exclude.length > 0 ? ['--exclude', options.exclude.join(',')] : []),
        ...args,
        ...['--out', { at: 'out', sub: 'tfsec.json' } as const],
      ],
      // Its debug log names every file that it parsed, and those that it could not.
      stderr: 'trace',
      exits: { '0': 'ok' },
    },
  ],
  notChecked: ({ exclude }) => [
    'Terraform modules that are not in the workspace',
    ...(exclude.length > 0 ? [`tfsec rules ${exclude.join(', ')}`] : []),
  ],
};
