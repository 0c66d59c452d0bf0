import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'exec',
      argv: [
        ...['opa', 'exec', '--format', 'json', '--log-level', 'error'],
        ...['--decision', options.policy === undefined ? 'secplan/deny' : options.decision],
        '--bundle',
        options.policy ?? { at: 'asset', name: 'pack' },
        ...args,
        ...options.paths,
      ],
      stdout: 'report',
      // Without one of the --fail flags its code says nothing of what the policies say.
      exits: { '0': 'ok' },
    },
  ],
  notChecked: ({ policy }) => [
    'YAML documents of a file after the first, and what is neither YAML nor JSON',
    ...(policy === undefined
      ? ['policies in the workspace: the policy option names none, so only the secplan pack is applied']
      : []),
  ],
};
