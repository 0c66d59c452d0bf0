import type { Finding } from '../core/finding.ts';

/** Whether a tool names a version that fixes a vulnerability. */
export function isFixable({ package: affected }: Pick<Finding, 'package'>): boolean {
  return affected?.fixedVersion !== undefined && affected.fixedVersion.trim() !== '';
}

/** A vulnerability that nobody can fix by an update yet. A finding of another kind is fixed in the code itself. */
export function isUnfixed(finding: Finding): boolean {
  return finding.kind === 'vulnerability' && !isFixable(finding);
}
