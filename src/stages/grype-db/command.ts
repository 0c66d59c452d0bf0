import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ args }) => [
    {
      id: 'update',
      argv: ['grype', 'db', 'update', ...args],
      env: { GRYPE_DB_CACHE_DIR: { at: 'out', sub: 'db' }, GRYPE_CHECK_FOR_APP_UPDATE: 'false' },
      exits: { '0': 'ok' },
    },
  ],
};
