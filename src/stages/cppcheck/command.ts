import type { StageCommand } from '../contract/command.ts';
import { CHECKS } from './checks.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'scan',
      argv: [
        ...['cppcheck', '--xml', '--xml-version=2'],
        ...(options.checks.length > 0 ? [`--enable=${options.checks.join(',')}`] : []),
        // Comments (`cppcheck-suppress`) silence nothing without --inline-suppr.
        ...args,
        { at: 'out', sub: 'cppcheck.xml', prefix: '--output-file=' },
        { at: 'files' },
      ],
      stdout: 'files',
      exits: { '0': 'ok' },
    },
  ],
  notChecked: ({ checks }) => {
    const left = CHECKS.filter((check) => !checks.includes(check));
    return left.length > 0 ? [`Cppcheck checks: ${left.join(', ')}`] : [];
  },
};
