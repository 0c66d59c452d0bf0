import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args, target }) => [
    {
      id: 'apply',
      argv: [
        ...['kyverno', 'apply', { at: 'asset', name: 'canary' } as const],
        ...(options.pack ? [{ at: 'asset', name: 'pack' } as const] : []),
        ...(options.policy === undefined ? [] : [options.policy]),
        ...['--resource', target.path ?? '.', '--policy-report', '--output-format', 'json', '--remove-color'],
        ...args,
      ],
      stdout: 'report',
      // 1 for violations and for errors alike: the report tells, and errors are on standard error.
      exits: { '0': 'ok', '1': 'ok' },
    },
  ],
  notChecked: ({ pack, policy }) => [
    'policies that query a cluster or a registry (API calls, image signatures)',
    ...(policy === undefined ? ['policies in the workspace: the policy option names none'] : []),
    ...(pack ? [] : ["secplan's own policies (pack option)"]),
  ],
};
