import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'analyze',
      argv: [
        ...['codeql', 'database', 'analyze', '--format=sarif-latest', '--threads=2', '--ram=3072'],
        // Files that were read, and those that could not be, stand in the report.
        ...['--sarif-add-baseline-file-info', '--no-sarif-add-snippets', '--no-download'],
        { at: 'out', sub: 'codeql.sarif', prefix: '--output=' },
        ...args,
        { at: 'artifact', name: 'db' },
        ...options.queries,
      ],
      exits: { '0': 'ok' },
    },
  ],
  notChecked: () => [
    'code in languages other than tools.codeql-database.options.language',
    'code that needs a build: Go, Swift and Kotlin are not read',
  ],
};
