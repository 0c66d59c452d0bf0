import type { Provider } from '../../contract/provider.ts';

/** Where Kubescape comes from: it fetches its own controls, too. */
export const KUBESCAPE_PROVIDERS: readonly Provider[] = [
  { name: 'release', runtime: 'local', kind: 'release', package: 'kubescape/kubescape', bin: 'kubescape' },
  { name: 'path', runtime: 'local', kind: 'path', package: 'kubescape', bin: 'kubescape' },
  {
    name: 'image',
    runtime: 'dagger',
    kind: 'image',
    package: 'quay.io/kubescape/kubescape-cli',
    bin: 'kubescape',
  },
];
