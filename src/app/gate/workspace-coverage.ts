import type { WorkspaceInventory } from '../../executor/inventory/types.ts';
import type { WorkspaceCoverage } from '../../policy/coverage.ts';

/** Leaving these out is by rule; all other reasons are about single files that someone should look at. */
const BY_RULE: ReadonlySet<string> = new Set([
  'git-ignored',
  'ignored-folder',
  'export-folder',
  'own-log',
  'secplan-file',
]);
const MOST_EXAMPLES = 50;

/** How many files there are, and which were left out and why. */
export function workspaceCoverage({
  files,
  leftOut: found,
}: Pick<WorkspaceInventory, 'files' | 'leftOut'>): WorkspaceCoverage {
  const leftOut: Record<string, number> = {};
  for (const { reason } of found) leftOut[reason] = (leftOut[reason] ?? 0) + 1;
  return {
    files: files.length,
    leftOut,
    examples: found
      .filter(({ reason }) => !BY_RULE.has(reason))
      .slice(0, MOST_EXAMPLES)
      .map(({ path, reason }) => `${path} (${reason})`),
  };
}
