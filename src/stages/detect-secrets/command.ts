import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ args }) => [
    {
      id: 'scan',
      argv: [
        // -v: one line for each file that is read. --no-verify: it would try the secrets at their services.
        ...['detect-secrets', '-v', '--cores', '1', 'scan', '--all-files', '--no-verify'],
        // Comments (`pragma: allowlist secret`) must not silence a finding, nor a file's name.
        ...['--disable-filter', 'detect_secrets.filters.allowlist.is_line_allowlisted'],
        ...['--disable-filter', 'detect_secrets.filters.heuristic.is_swagger_file'],
        ...args,
        '.',
      ],
      stdout: 'report',
      stderr: 'files',
      exits: { '0': 'ok' },
    },
  ],
  notChecked: () => ['secrets in lock files, archives, and files that are not UTF-8 text'],
};
