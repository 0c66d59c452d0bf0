import type { StageCommand } from '../contract/command.ts';
import { contextOf, KUBECONFIG, kubeconfigStep } from '../families/kubernetes/kubeconfig.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  steps: ({ options, args, target }) => {
    const context = contextOf(target);
    const common = [
      ...['--skip-check-update', '--skip-db-update', '--skip-java-db-update', '--skip-version-check'],
      ...['--disable-telemetry', '--cache-dir', { at: 'tmp', sub: 'trivy' } as const],
      ...['--config', { at: 'asset', name: 'trivy', sub: 'trivy.yaml' } as const],
      ...['--ignorefile', { at: 'asset', name: 'trivy', sub: 'ignore.txt' } as const],
      ...['--format', 'json', '--output', { at: 'out', sub: 'trivy.json' } as const],
    ];
    if (context === undefined) {
      return [
        {
          id: 'manifests',
          argv: [
            // As trivy-config: the secret scanner's own rule of ours tells which files were read.
            ...['trivy', 'fs', '--scanners', 'misconfig,secret', '--misconfig-scanners', 'kubernetes,helm'],
            ...['--offline-scan', '--secret-config'],
            { at: 'asset', name: 'trivy', sub: 'watch.yaml' },
            ...common,
            ...args,
            target.path ?? '.',
          ],
          exits: { '0': 'ok' },
        },
      ];
    }
    const what = options.images ? 'misconfig,rbac,vuln,secret' : 'misconfig,rbac';
    return [
      kubeconfigStep(),
      {
        id: 'cluster',
        argv: [
          ...['trivy', 'k8s', '--kubeconfig', KUBECONFIG, '--report', 'all', '--scanners', what],
          // The collector is a job that it starts in the cluster: a scan changes nothing.
          '--disable-node-collector',
          ...(options.images ? [] : ['--skip-images']),
          ...common,
          ...args,
          context,
        ],
        exits: { '0': 'ok' },
      },
    ];
  },
  notChecked: ({ images }) => [
    'Helm dependencies that are not in the workspace; of a cluster, the nodes themselves',
    ...(images ? [] : ['images of the workloads (images option, or trivy-image)']),
    'a cluster is reached only with the secret KUBECONFIG and a network for this tool',
  ],
};
