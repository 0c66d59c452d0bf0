import type { StageCommand } from '../contract/command.ts';
import { contextOf, KUBECONFIG, kubeconfigStep } from '../families/kubernetes/kubeconfig.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args, target }) => {
    const context = contextOf(target);
    const scan = {
      id: 'scan',
      argv: [
        ...['kubescape', 'scan', 'framework', options.frameworks.join(',')],
        ...(context === undefined
          ? [target.path ?? '.']
          : ['--kubeconfig', KUBECONFIG, '--kube-context', context]),
        // Without them it fetches whatever is newest.
        ...['--use-artifacts-from', { at: 'artifact', name: 'db' } as const],
        ...[
          '--format',
          'json',
          '--format-version',
          'v2',
          '--output',
          { at: 'out', sub: 'kubescape.json' } as const,
        ],
        // Nothing is sent anywhere.
        ...['--keep-local', '--logger', 'warning'],
        ...['--cache-dir', { at: 'tmp', sub: 'kubescape' } as const],
        ...args,
      ],
      env: { KS_SKIP_UPDATE_CHECK: 'true' },
      // Without a threshold its code is 0 whatever it found.
      exits: { '0': 'ok' as const },
    };
    return context === undefined ? [scan] : [kubeconfigStep(), scan];
  },
  notChecked: ({ frameworks }) => [
    'images of the workloads; of a cluster, the nodes themselves',
    'what an exception suppresses: one that comes with its controls, one in the cluster, or a kubescape.io/skip annotation in versions that support it (counted in a note)',
    ...(frameworks.includes('allcontrols')
      ? []
      : [`controls outside ${frameworks.join(', ')} (frameworks option)`]),
  ],
};
