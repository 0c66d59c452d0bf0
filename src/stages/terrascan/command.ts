import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'scan',
      argv: [
        ...[
          'terrascan',
          'scan',
          '--iac-dir',
          '.',
          '--output',
          'json',
          '--log-level',
          'error',
          '--use-colors',
          'f',
        ],
        ...(options.policies === undefined ? [] : ['--policy-path', options.policies]),
        ...(options.skipRules.length > 0 ? ['--skip-rules', options.skipRules.join(',')] : []),
        ...args,
      ],
      stdout: 'report',
      // 3 for violations, 4 for errors of some kinds of files, 5 for both: the report tells.
      exits: { '0': 'ok', '3': 'ok', '4': 'ok', '5': 'ok' },
    },
  ],
  notChecked: ({ skipRules, policies }) => [
    'Terraform modules that are not in the workspace; rules and syntax newer than 2025',
    'the real severity of findings under a runterrascan.io/minseverity or maxseverity annotation',
    ...(policies === undefined
      ? ['without network access it has policies only if the image contains them']
      : []),
    ...(skipRules.length > 0 ? [`Terrascan rules ${skipRules.join(', ')}`] : []),
  ],
};
