import type { Provider } from '../../contract/provider.ts';

/** Where Grype comes from; it fetches its own database. */
export const GRYPE_PROVIDERS: readonly Provider[] = [
  {
    name: 'go',
    runtime: 'local',
    kind: 'go',
    package: 'github.com/anchore/grype/cmd/grype',
    bin: 'grype',
  },
  { name: 'release', runtime: 'local', kind: 'release', package: 'anchore/grype', bin: 'grype' },
  { name: 'path', runtime: 'local', kind: 'path', package: 'grype', bin: 'grype' },
  { name: 'image', runtime: 'dagger', kind: 'image', package: 'anchore/grype', bin: 'grype' },
];
