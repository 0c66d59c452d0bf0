import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => {
    // --isolated: a configuration file in the scanned tree must not switch rules off.
    const check = [
      'ruff',
      'check',
      '--no-cache',
      '--isolated',
      '--no-respect-gitignore',
      // Else it leaves out folders by name (dist, venv, .vscode and others) and every file whose ending it does not know.
      ...['--config', 'exclude=[]', '--config', 'include=["*"]'],
      '--select',
      options.select.join(','),
    ];
    if (options.ignore.length > 0) check.push('--ignore', options.ignore.join(','));
    check.push(...args);
    const exits = { '0': 'clean', '1': 'findings' } as const;
    return [
      {
        id: 'sarif',
        argv: [
          ...check,
          '--output-format',
          'sarif',
          '-o',
          { at: 'out', sub: 'ruff.sarif' },
          { at: 'source' },
        ],
        exits,
      },
      { id: 'text', argv: [...check, '--output-format', 'concise', { at: 'source' }], stdout: 'text', exits },
      {
        id: 'files',
        argv: [...check, '--show-files', { at: 'source' }],
        stdout: 'files',
        exits: { '0': 'ok' },
      },
    ];
  },
};
