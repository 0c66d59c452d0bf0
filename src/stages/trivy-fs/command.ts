import type { StageCommand } from '../contract/command.ts';
import { trivyCache } from '../families/trivy/trivy-cache.ts';
import { SCANNERS } from './scanners.ts';
import type { Options } from './stage.ts';

const LEFT_OUT: Readonly<Record<(typeof SCANNERS)[number], string>> = {
  vuln: 'vulnerabilities: not scanned (scanners option)',
  misconfig: 'misconfigurations: not scanned (scanners option)',
  secret: 'secrets: not scanned (scanners option)',
  license: 'licences: not scanned (scanners option)',
};

export const command: StageCommand<Options> = {
  consumes: ({ scanners }) => (scanners.includes('vuln') ? ['db'] : []),
  steps: ({ options, args, artifacts }) => {
    // The secret scanner always runs, if only with our own rules: its canary tells which files were read.
    const scanners = [...new Set([...options.scanners, 'secret'])].sort();
    const rules = options.scanners.includes('secret') ? 'secret.yaml' : 'watch.yaml';
    return [
      {
        id: 'fs',
        argv: [
          ...['trivy', 'fs', '--scanners', scanners.join(',')],
          ...['--offline-scan', '--skip-check-update', '--skip-db-update', '--skip-java-db-update'],
          ...['--skip-version-check', '--disable-telemetry'],
          ...trivyCache(artifacts),
          ...['--config', { at: 'asset', name: 'trivy', sub: 'trivy.yaml' } as const],
          ...['--ignorefile', { at: 'asset', name: 'trivy', sub: 'ignore.txt' } as const],
          ...['--secret-config', { at: 'asset', name: 'trivy', sub: rules } as const],
          ...['--format', 'json', '--output', { at: 'out', sub: 'trivy.json' } as const],
          ...args,
          '.',
        ],
        // Without --exit-code Trivy's code says nothing of findings; 1 is its own failure.
        exits: { '0': 'ok' },
      },
    ];
  },
  notChecked: ({ scanners }) =>
    SCANNERS.filter((scanner) => !scanners.includes(scanner)).map((scanner) => LEFT_OUT[scanner]),
};
