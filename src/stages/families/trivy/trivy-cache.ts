import type { ArgvPart } from '../../contract/command.ts';

/** Where Trivy finds its databases: the artifact `db`, read-only, with all else in memory; its own folder without. */
export function trivyCache(artifacts: ReadonlySet<string>): ArgvPart[] {
  if (!artifacts.has('db')) return ['--cache-dir', { at: 'tmp', sub: 'trivy' }];
  return ['--cache-dir', { at: 'artifact', name: 'db' }, '--cache-backend', 'memory'];
}
