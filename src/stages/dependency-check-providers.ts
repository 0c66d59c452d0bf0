import type { Provider } from './contract.ts';

/**
 * Where Dependency-Check comes from; it fetches its own data. Its command line is published as an archive alone; the
 * project's Maven and Ant artifacts have none.
 */
export const DEPENDENCY_CHECK_PROVIDERS: readonly Provider[] = [
  {
    name: 'release',
    runtime: 'local',
    kind: 'release',
    package: 'dependency-check/DependencyCheck',
    bin: 'dependency-check.sh',
  },
  {
    name: 'path',
    runtime: 'local',
    kind: 'path',
    package: 'dependency-check.sh',
    bin: 'dependency-check.sh',
  },
  {
    name: 'image',
    runtime: 'dagger',
    kind: 'image',
    package: 'owasp/dependency-check',
    bin: '/usr/share/dependency-check/bin/dependency-check.sh',
  },
];
