import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'download',
      argv: [
        ...['trivy', 'image', '--download-db-only', '--skip-version-check', '--disable-telemetry'],
        ...(options.repository === undefined ? [] : ['--db-repository', options.repository]),
        ...['--cache-dir', { at: 'out', sub: 'db' } as const],
        ...args,
      ],
      exits: { '0': 'ok' },
    },
  ],
};
