import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seccompFilter } from './seccomp-filter.ts';
import type { FilteredArch } from './system-calls.ts';

/** What a stage may ask for beyond others, the system calls that this lets through, and what they are no longer held to. */
const GRANTED: Readonly<Record<string, { readonly calls: readonly string[]; readonly notEnforced: string }>> =
  {
    ptrace: { calls: ['ptrace'], notEnforced: 'system calls: it may use ptrace on what it starts' },
    'shared-memory': {
      calls: ['shmget'],
      notEnforced: 'memory limit: System V segments count only while they are mapped',
    },
  };

/** Names of privileges that a sandbox can give. */
export const GRANTABLE: ReadonlySet<string> = new Set(Object.keys(GRANTED));

/** What a filter that lets them through does not enforce. */
export function notEnforcedWith(privileges: readonly string[]): readonly string[] {
  return privileges.flatMap((name) => GRANTED[name]?.notEnforced ?? []);
}

/** Path of the filter for a stage with these privileges, in a folder for filters; made when it is first asked for. @throws the file system's errors */
export function filterFile(dir: string, arch: FilteredArch, privileges: readonly string[]): string {
  const names = privileges.filter((name) => GRANTABLE.has(name)).sort();
  const path = join(dir, ['filter', ...names].join('-'));
  if (!existsSync(path)) {
    writeFileSync(path, seccompFilter({ arch, allow: names.flatMap((name) => GRANTED[name]?.calls ?? []) }));
  }
  return path;
}
