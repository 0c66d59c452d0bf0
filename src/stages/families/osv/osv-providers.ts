import type { Provider } from '../../contract/provider.ts';

/** Where OSV-Scanner comes from; it fetches its own databases. */
export const OSV_PROVIDERS: readonly Provider[] = [
  {
    name: 'go',
    runtime: 'local',
    kind: 'go',
    package: 'github.com/google/osv-scanner/v2/cmd/osv-scanner',
    bin: 'osv-scanner',
  },
  { name: 'release', runtime: 'local', kind: 'release', package: 'google/osv-scanner', bin: 'osv-scanner' },
  { name: 'path', runtime: 'local', kind: 'path', package: 'osv-scanner', bin: 'osv-scanner' },
  {
    name: 'image',
    runtime: 'dagger',
    kind: 'image',
    package: 'ghcr.io/google/osv-scanner',
    bin: 'osv-scanner',
  },
];
