import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => {
    // Without -x Bandit passes over every path that holds one of its defaults, so also `lib/CVSReader.py`;
    // two slashes stand in no path that it walks. Comments (`nosec`) must not silence a finding.
    const check = ['bandit', '-r', '-q', '-f', 'json', '--ignore-nosec', '-x', '//'];
    // By itself it finds `*.py` only; what it is shown is Python whatever the ending.
    const all = ['-c', { at: 'asset', name: 'all' }] as const;
    if (options.tests.length > 0) check.push('-t', options.tests.join(','));
    if (options.skips.length > 0) check.push('-s', options.skips.join(','));
    return [
      {
        id: 'scan',
        argv: [...check, ...all, ...args, '-o', { at: 'out', sub: 'bandit.json' }, '.'],
        exits: { '0': 'clean', '1': 'findings' },
      },
    ];
  },
  notChecked: ({ tests, skips }) => [
    ...(tests.length > 0 ? [`all Bandit tests but ${tests.join(', ')}`] : []),
    ...(skips.length > 0 ? [`Bandit tests ${skips.join(', ')}`] : []),
  ],
};
