import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'match',
      argv: [
        ...['grype', { at: 'artifact', name: 'sbom', prefix: 'sbom:' } as const],
        // Ours: no rule to ignore anything.
        ...['--config', { at: 'asset', name: 'grype', sub: 'grype.yaml' } as const],
        // -v: the log then says how many packages were matched.
        ...['-v', '--output', 'json', '--file', { at: 'out', sub: 'grype.json' } as const],
        ...(options.addCpes ? ['--add-cpes-if-none'] : []),
        ...args,
      ],
      env: {
        GRYPE_DB_CACHE_DIR: { at: 'artifact', name: 'db' },
        GRYPE_DB_AUTO_UPDATE: 'false',
        // The database's digest is in the cache key; how old it may be is for whoever fetches it to say.
        GRYPE_DB_VALIDATE_AGE: 'false',
        GRYPE_CHECK_FOR_APP_UPDATE: 'false',
      },
      // Without --fail-on its code says nothing of findings; 1 is its own failure.
      exits: { '0': 'ok' },
    },
  ],
  notChecked: () => ['packages that the bill of materials does not list'],
};
