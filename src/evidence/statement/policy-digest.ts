import type { PlannedPolicy } from '../../compiler/model/model.ts';
import { digestOfJson } from '../../core/canonical.ts';
import type { Digest } from '../../core/ids.ts';

/** sha256 over the canonical JSON of all that gates. Where budgets came from is no part of them. */
export function policyDigest({ budgets: { origin: _, ...budgets }, ...rest }: PlannedPolicy): Digest {
  return digestOfJson({ ...rest, budgets });
}
