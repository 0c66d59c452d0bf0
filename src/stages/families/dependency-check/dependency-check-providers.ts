import type { ArgvPart, Step } from '../../contract/command.ts';
import type { Provider } from '../../contract/provider.ts';

/**
 * Where Dependency-Check comes from; it fetches its own data. Its command line is published as an archive alone: of what
 * Maven has, the engine is started by a small program of ours, which Java compiles as it starts it (a JDK, 11 or newer).
 */
export const DEPENDENCY_CHECK_PROVIDERS: readonly Provider[] = [
  {
    name: 'maven',
    runtime: 'local',
    kind: 'maven',
    package: 'org.owasp:dependency-check-core',
    bin: 'java',
  },
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

/** The engine by our program (asset `engine`) with its arguments, where the provider has no command line. */
export function engineStep(id: string, args: readonly ArgvPart[]): Step {
  return {
    id,
    argv: [
      ...['java', '-Djava.io.tmpdir=/tmp', '-Duser.home=/tmp/home'],
      { at: 'asset', name: 'engine', sub: 'Check.java' },
      ...args,
    ],
    exits: { '0': 'ok' },
  };
}
