import * as z from 'zod';
import { isRecord } from '../../core/is-record.ts';
import { defineStage } from '../contract/definition.ts';
import { contextOf, KUBECONFIG, kubeconfigStep } from '../families/kubernetes/kubeconfig.ts';
import { TRIVY_PROVIDERS } from '../families/trivy/trivy-providers.ts';
import { readTrivy, sanitizeTrivy } from '../families/trivy/trivy-report.ts';
import { trivyVariants } from '../families/trivy/trivy-variants.ts';
import { jsonVariant } from '../formats/variants.ts';
import { cluster, clusterFindings, readCluster, sanitizeCluster } from './cluster.ts';
import { operatorVariants } from './operator.ts';

const options = z.object({
  /** Of a cluster: whether its images are fetched and scanned, too. That needs a registry and the databases. */
  images: z.boolean().default(false),
});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'trivy-k8s',
  kind: 'scan',
  category: 'kubernetes',
  tool: { name: 'Trivy', homepage: 'https://trivy.dev', license: 'Apache-2.0', status: 'active' },
  providers: TRIVY_PROVIDERS,
  requires: {
    target: 'kubernetes',
    selection: { include: ['**/*.{yaml,yml,json,tpl,txt}', '**/.helmignore'] },
  },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'trivy.json' }],
  // As for trivy-fs: a file that Trivy could not parse is a note of that file.
  faults: [
    {
      in: 'stderr',
      pattern: '^\\S+\\s+(FATAL|ERROR)\\s(?!.*(Falling back to embedded checks|file_path=))',
      meaning: 'Trivy reports an error of its own',
    },
  ],
  assets: { trivy: 'src/stages/families/trivy/assets' },
  timeoutMs: 600_000,
  expectedMs: 5_000,
  resources: { cpus: 1, memoryMb: 1024 },
  severities: { critical: 'critical', high: 'high', medium: 'medium', low: 'low', unknown: 'info' },
  options,
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
  variants: [
    jsonVariant('JSON of trivy k8s', cluster, (report, context) => ({
      findings: clusterFindings(report, context),
    })),
    ...operatorVariants,
    ...trivyVariants,
  ],
  parse: (raw, context) =>
    contextOf(context.target) === undefined
      ? readTrivy(raw.report, context, { scanners: ['misconfig'] })
      : readCluster(raw.report, context),
  notChecked: ({ images }) => [
    'Helm dependencies that are not in the workspace; of a cluster, the nodes themselves',
    ...(images ? [] : ['images of the workloads (images option, or trivy-image)']),
    'a cluster is reached only with the secret KUBECONFIG and a network for this tool',
  ],
  sanitize: (_, text) => (isCluster(text) ? sanitizeCluster(text) : sanitizeTrivy(text)),
});

/** The two commands write reports of two shapes. */
function isCluster(text: string): boolean {
  try {
    const json: unknown = JSON.parse(text);
    return isRecord(json) && 'Resources' in json;
  } catch {
    return false;
  }
}
