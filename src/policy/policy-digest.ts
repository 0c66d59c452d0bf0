import type { PlannedPolicy } from '../compiler/model/model.ts';
import { digestOfJson } from '../core/canonical.ts';
import type { Digest } from '../core/ids.ts';

/** sha256 over the canonical JSON of a planned policy: what a statement says the gate was held to. */
export function policyDigest(policy: PlannedPolicy): Digest {
  return digestOfJson(policy);
}
