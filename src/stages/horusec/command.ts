import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ args }) => [
    // It keeps a copy of the tree in the tree itself, which is not to be written to.
    {
      id: 'copy',
      system: true,
      argv: ['cp', '-r', '.', { at: 'tmp', sub: 'tree' }],
      exits: { '0': 'ok' },
    },
    {
      id: 'scan',
      argv: [
        // -D: it starts a container for each further tool otherwise. Only its own engine runs.
        ...[
          'horusec',
          'start',
          '-D',
          '-p',
          { at: 'tmp', sub: 'tree' } as const,
          '-o',
          'json',
          '-O',
          { at: 'out', sub: 'horusec.json' } as const,
        ],
        // Information, too: of that severity is the hit that our rule leaves in each file.
        ...['--information-severity', '--custom-rules-path', { at: 'asset', name: 'rules' } as const],
        ...['--analysis-timeout', '590', '--config-file-path', { at: 'tmp', sub: 'none.json' } as const],
        ...args,
      ],
      // Findings do not show in its code without --return-error, and our own rule would be one.
      exits: { '0': 'ok' },
    },
  ],
  notChecked: () => ['checks that Horusec delegates to tools in containers: only the built-in engine runs'],
};
