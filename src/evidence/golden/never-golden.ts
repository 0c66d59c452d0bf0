import { listed } from '../../core/listed.ts';
import { requiredReasons } from '../../policy/required.ts';
import { unexaminedReason } from '../../policy/unexamined.ts';
import type { Verdict } from '../../policy/verdict.ts';

/**
 * Why a run is none that a golden is made of or held against; undefined where it is whole. Whole is not only that no
 * scanner was incomplete: a run that looked at nothing, or not at what the policy requires, promises nothing either.
 */
export function neverGolden({
  partial,
  incomplete,
  outcome,
  coverage,
  unexamined,
}: Verdict): string | undefined {
  const left = coverage.entries.filter(({ state }) => state === 'skipped').map(({ id }) => id);
  if (partial || left.length > 0) return because('partial', left);
  const lacking = coverage.entries.filter(({ state }) => state === 'incomplete').map(({ id }) => id);
  const failed = [...new Set([...incomplete, ...lacking])];
  if (failed.length > 0) return because('incomplete', failed);
  const [reason] = requiredReasons(coverage);
  if (unexamined !== undefined) return `incomplete: ${unexaminedReason(unexamined)}`;
  if (reason !== undefined) return `incomplete: ${reason}`;
  return outcome === 'incomplete' ? 'incomplete: no scanner had any input' : undefined;
}

function because(what: string, ids: readonly string[]): string {
  return ids.length === 0 ? what : `${what}: ${listed(ids, 5)} did not finish`;
}
