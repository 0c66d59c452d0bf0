import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'scan',
      argv: [
        ...['kics', 'scan', '--path', '.', '--report-formats', 'json'],
        ...['--output-path', { at: 'out' } as const, '--output-name', 'kics'],
        // The view holds what is meant; a .gitignore would take from it.
        ...['--exclude-gitignore', '--no-progress', '--no-color', '--silent'],
        ...['--log-path', { at: 'tmp', sub: 'kics.log' } as const],
        // Then any other code than 0 is its own failure.
        ...['--ignore-on-exit', 'results'],
        ...(options.types.length > 0 ? ['--type', options.types.join(',')] : []),
        ...(options.excludeQueries.length > 0 ? ['--exclude-queries', options.excludeQueries.join(',')] : []),
        ...args,
      ],
      env: { DISABLE_CRASH_REPORT: '1' },
      exits: { '0': 'ok' },
    },
  ],
  notChecked: ({ types, excludeQueries }) => [
    'what a kics-scan comment suppresses: a note counts lines and blocks, but the report does not show comments that skip a whole file or select its queries',
    'modules that are not in the workspace',
    ...(types.length > 0 ? [`files of other kinds than ${types.join(', ')} (types option)`] : []),
    ...(excludeQueries.length > 0 ? [`KICS queries ${excludeQueries.join(', ')}`] : []),
  ],
};
