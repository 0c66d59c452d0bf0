import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args, target }) => [
    {
      id: 'test',
      argv: [
        ...['gator', 'test', '--output', 'json'],
        ...['--filename', { at: 'asset', name: 'canary' } as const],
        ...(options.pack ? ['--filename', { at: 'asset', name: 'pack' } as const] : []),
        ...['--filename', target.path ?? '.'],
        ...args,
      ],
      stdout: 'report',
      // 1 for violations and for errors alike: the report tells, and errors are on standard error.
      exits: { '0': 'ok', '1': 'ok' },
    },
  ],
  notChecked: ({ pack }) => [
    'the cluster itself, and constraints that refer to objects outside the folder of the manifests',
    'every manifest, where one cannot be parsed: gator stops at the first such file, and the stage is then incomplete',
    ...(pack ? [] : ["secplan's own constraints (pack option)"]),
  ],
};
