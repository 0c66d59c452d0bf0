import type { StageCommand } from '../contract/command.ts';
import type { CommandTarget } from '../contract/target.ts';
import { trivyCache } from '../families/trivy/trivy-cache.ts';
import { SCANNERS } from './scanners.ts';
import type { Options } from './stage.ts';

export const command: StageCommand<Options> = {
  consumes: ({ scanners }) => (scanners.includes('vuln') ? ['db'] : []),
  network: (target) => {
    const registry = registryOf(target);
    return registry === undefined ? 'none' : { egress: [registry] };
  },
  steps: ({ options, args, artifacts, target }) => [
    {
      id: 'image',
      argv: [
        // The secret scanner always runs, if only with our own rule: its canary tells which files were read.
        ...['trivy', 'image', '--scanners', [...new Set([...options.scanners, 'secret'])].sort().join(',')],
        ...['--offline-scan', '--skip-db-update', '--skip-java-db-update'],
        ...['--skip-version-check', '--disable-telemetry'],
        ...(options.ignoreUnfixed ? ['--ignore-unfixed'] : []),
        ...trivyCache(artifacts),
        ...['--config', { at: 'asset', name: 'trivy', sub: 'trivy.yaml' } as const],
        ...['--ignorefile', { at: 'asset', name: 'trivy', sub: 'ignore.txt' } as const],
        ...[
          '--secret-config',
          {
            at: 'asset',
            name: 'trivy',
            sub: options.scanners.includes('secret') ? 'secret.yaml' : 'watch.yaml',
          } as const,
        ],
        ...['--format', 'json', '--output', { at: 'out', sub: 'trivy.json' } as const],
        ...args,
        ...image(target),
      ],
      exits: { '0': 'ok' },
    },
  ],
  notChecked: ({ scanners, ignoreUnfixed }) => [
    ...SCANNERS.filter((scanner) => !scanners.includes(scanner)).map(
      (scanner) => `${scanner} of images (scanners option)`,
    ),
    ...(ignoreUnfixed ? ['vulnerabilities without a fix (ignoreUnfixed option)'] : []),
  ],
};

function image({ path, details }: CommandTarget) {
  if (path !== undefined) return ['--input', path];
  return ['--image-src', 'remote', String(details.ref)];
}

/** The host of a reference that names one: `registry.example.org:5000/team/app`. */
function registryOf({ path, details }: Pick<CommandTarget, 'path' | 'details'>): string | undefined {
  if (path !== undefined || typeof details.ref !== 'string' || !details.ref.includes('/')) return undefined;
  const [host = ''] = details.ref.split('/', 1);
  return /[.:]/.test(host) ? host : undefined;
}
