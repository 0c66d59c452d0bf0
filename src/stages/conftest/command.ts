import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'test',
      argv: [
        ...['conftest', 'test', '--output', 'json', '--no-color', '--all-namespaces'],
        // Then any other code than 0 is its own failure.
        '--no-fail',
        '--policy',
        options.policy ?? { at: 'asset', name: 'pack' },
        ...options.data.flatMap((path) => ['--data', path]),
        ...args,
        ...options.paths,
      ],
      stdout: 'report',
      exits: { '0': 'ok' },
    },
  ],
  notChecked: ({ policy }) => [
    "Helm templates, and files in formats other than Terraform's HCL, YAML, JSON and Dockerfile",
    'every file, where one cannot be parsed: Conftest stops at the first such file, and the stage is then incomplete',
    ...(policy === undefined
      ? ['policies in the workspace: the policy option names none, so only the secplan pack is applied']
      : []),
  ],
};
