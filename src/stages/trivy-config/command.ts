import type { StageCommand } from '../contract/command.ts';
import { TYPES } from './file-types.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'config',
      argv: [
        // `trivy config` says nothing of files that are no infrastructure to it. This is the same scan, and our own
        // rule of the secret scanner beside it tells which files were read.
        ...['trivy', 'fs', '--scanners', 'misconfig,secret'],
        ...['--misconfig-scanners', options.types.join(',')],
        ...['--offline-scan', '--skip-check-update', '--skip-db-update', '--skip-java-db-update'],
        ...['--skip-version-check', '--disable-telemetry'],
        ...['--cache-dir', { at: 'tmp', sub: 'trivy' } as const],
        ...['--config', { at: 'asset', name: 'trivy', sub: 'trivy.yaml' } as const],
        ...['--ignorefile', { at: 'asset', name: 'trivy', sub: 'ignore.txt' } as const],
        ...['--secret-config', { at: 'asset', name: 'trivy', sub: 'watch.yaml' } as const],
        ...['--format', 'json', '--output', { at: 'out', sub: 'trivy.json' } as const],
        ...args,
        '.',
      ],
      exits: { '0': 'ok' },
    },
  ],
  notChecked: ({ types }) => [
    'Terraform modules and Helm dependencies that are not in the workspace',
    ...TYPES.filter((type) => !types.includes(type)).map((type) => `${type} (types option)`),
  ],
};
