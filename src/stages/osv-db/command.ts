import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ args }) => [
    {
      id: 'download',
      argv: [
        ...['osv-scanner', 'scan', 'source', '--recursive', '--no-ignore', '--no-resolve'],
        ...['--offline-vulnerabilities', '--download-offline-databases', '--all-packages'],
        ...['--format', 'json', '--output', { at: 'tmp', sub: 'sample.json' } as const],
        ...args,
        { at: 'asset', name: 'sample' },
      ],
      env: { OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY: { at: 'out', sub: 'db' } },
      // 1: the sample has a flaw, which is nobody's.
      exits: { '0': 'ok', '1': 'ok' },
    },
  ],
};
