import { z } from 'zod';
import { defineStage } from '../contract/definition.ts';
import { contextOf, KUBECONFIG, kubeconfigStep } from '../families/kubernetes/kubeconfig.ts';
import { readKubescape, sanitizeKubescape } from './output.ts';
import { variants } from './variants.ts';

const options = z.object({
  /** Frameworks that are asked; absent: its own choice of security controls. */
  frameworks: z
    .array(z.enum(['allcontrols', 'nsa', 'mitre', 'cis-v1.10.0', 'security']))
    .default(['allcontrols']),
});

export const stage = defineStage<z.infer<typeof options>>({
  id: 'kubescape',
  kind: 'scan',
  category: 'kubernetes',
  tool: { name: 'Kubescape', homepage: 'https://kubescape.io', license: 'Apache-2.0', status: 'active' },
  providers: [
    { name: 'release', runtime: 'local', kind: 'release', package: 'kubescape/kubescape', bin: 'kubescape' },
    { name: 'path', runtime: 'local', kind: 'path', package: 'kubescape', bin: 'kubescape' },
    {
      name: 'image',
      runtime: 'dagger',
      kind: 'image',
      package: 'quay.io/kubescape/kubescape-cli',
      bin: 'kubescape',
    },
  ],
  requires: {
    target: 'kubernetes',
    selection: {
      include: ['**/*.{yaml,yml,json,tpl,txt,rego}', '**/.helmignore'],
      // Its own settings, the paths to leave out and the exceptions that it would apply.
      exclude: ['**/.kubescape/**', '**/.kubescapeignore', '**/exceptions.json'],
    },
    consumes: [{ name: 'db', type: 'database', from: 'kubescape-db' }],
  },
  outputs: [{ name: 'report', type: 'json', mediaType: 'application/json', file: 'kubescape.json' }],
  faults: [
    {
      in: 'stderr',
      pattern: '"level":"(error|fatal)"|^(Error|panic): |^\\[(error|fatal)\\]',
      meaning: 'Kubescape reports an error of its own',
    },
  ],
  timeoutMs: 600_000,
  expectedMs: 15_000,
  resources: { cpus: 1, memoryMb: 1024 },
  // Its own scale, made of a control's score: 9 and more, 7, 4, 1, less.
  severities: { critical: 'critical', high: 'high', medium: 'medium', low: 'low', unknown: 'info' },
  options,
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
  variants,
  parse: (raw, context) => readKubescape(raw.report, context),
  notChecked: ({ frameworks }) => [
    'images of the workloads; of a cluster, the nodes themselves',
    'what an exception silences: one that comes with its controls, one of the cluster, or a kubescape.io/skip annotation in versions that heed them (counted in a note)',
    ...(frameworks.includes('allcontrols')
      ? []
      : [`controls outside ${frameworks.join(', ')} (frameworks option)`]),
  ],
  sanitize: (_, text) => sanitizeKubescape(text),
});
