import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ args }) => [
    // Package managers write beside the files that they read.
    {
      id: 'copy',
      system: true,
      argv: ['cp', '-r', '.', { at: 'tmp', sub: 'tree' }],
      exits: { '0': 'ok' },
    },
    {
      id: 'analyze',
      argv: [
        ...['ort', '--warn', '-P', 'ort.analyzer.allowDynamicVersions=true', 'analyze', '-f', 'JSON'],
        ...['-i', { at: 'tmp', sub: 'tree' } as const, '-o', { at: 'tmp', sub: 'analyzer' } as const],
        ...args,
      ],
      // 2: a project could not be made sense of; the result names it.
      exits: { '0': 'ok', '2': 'ok' },
    },
    {
      id: 'evaluate',
      argv: [
        ...['ort', '--warn', 'evaluate', '-f', 'JSON', '-r', { at: 'asset', name: 'rules' } as const],
        ...['-i', { at: 'tmp', sub: 'analyzer/analyzer-result.json' } as const],
        ...['-o', { at: 'out', sub: 'evaluator' } as const],
      ],
      // 2: a rule was violated.
      exits: { '0': 'ok', '2': 'ok' },
    },
  ],
  notChecked: () => [
    'packages that only a network lookup would find: ORT has no network',
    'licences in the source code of packages: the scanner of ORT is not run',
  ],
};
