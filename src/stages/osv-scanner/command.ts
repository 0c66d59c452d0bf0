import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ args }) => [
    {
      id: 'scan',
      argv: [
        ...['osv-scanner', 'scan', 'source', '--recursive', '--offline', '--no-ignore', '--no-resolve'],
        // Every package, so that one without an advisory is seen to have been looked up; advisories that it holds for minor, too.
        ...[
          '--all-packages',
          '--all-vulns',
          '--format',
          'json',
          '--output',
          { at: 'out', sub: 'osv.json' } as const,
        ],
        ...args,
        '.',
      ],
      env: { OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY: { at: 'artifact', name: 'db' } },
      // 127 where a database lacks, 128 where no file held a package.
      exits: { '0': 'clean', '1': 'findings' },
    },
  ],
  notChecked: () => [
    'packages of a manifest without a lock file: versions are not resolved',
    'licences, and whether the flawed code is called',
  ],
};
