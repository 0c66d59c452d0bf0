import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GRANTABLE, grantedCalls } from '../../shared/granted-calls.ts';
import { seccompFilter } from '../../shared/seccomp-filter.ts';
import type { FilteredArch } from '../../shared/system-calls.ts';

/** Path of the filter for a stage with these privileges, in a folder for filters; made when it is first asked for. @throws the file system's errors */
export function filterFile(dir: string, arch: FilteredArch, privileges: readonly string[]): string {
  const names = privileges.filter((name) => GRANTABLE.has(name)).sort();
  const path = join(dir, ['filter', ...names].join('-'));
  if (!existsSync(path)) writeFileSync(path, seccompFilter({ arch, allow: grantedCalls(names) }));
  return path;
}
