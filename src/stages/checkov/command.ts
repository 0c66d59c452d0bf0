import type { StageCommand } from '../contract/command.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args }) => [
    {
      id: 'scan',
      argv: [
        'python',
        '-I',
        { at: 'asset', name: 'launch' },
        { at: 'out', sub: 'files.txt' },
        ...['--directory', '.', '--skip-download', '--compact'],
        // It passes over the folder that it would download modules to: no folder has this name.
        ...['--external-modules-download-path', '//'],
        ...['--framework', ...options.frameworks],
        ...['--output', 'json', '--output-file-path', { at: 'out' } as const],
        ...args,
      ],
      env: {
        LOG_LEVEL: 'WARNING',
        // Otherwise .github and node_modules are passed over without a word; the view holds what is meant.
        CKV_IGNORE_HIDDEN_DIRECTORIES: 'false',
        CKV_IGNORED_DIRECTORIES: '//',
      },
      // Skipped checks are findings to us: the code says nothing of ours.
      exits: { '0': 'ok', '1': 'ok' },
    },
  ],
  notChecked: ({ frameworks }) => {
    const rendered = frameworks.filter((item) => item === 'helm' || item === 'kustomize');
    return rendered.length === 0
      ? []
      : [`${rendered.join(' and ')}: charts and overlays are rendered only if those programs are installed`];
  },
};
