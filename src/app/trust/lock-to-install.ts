import { type Outcome, success } from '../../core/outcome.ts';
import type { ToolsLock } from '../../lock/lock-types.ts';
import { pinFact } from './deciding-facts.ts';
import { lockLayers, ownPins, wholeLock } from './lock-in-force.ts';
import { lockUnderReview, pinsUnused } from './lock-under-review.ts';
import { pullRequestOf } from './pull-request.ts';
import type { TrustQuestion } from './trust-question.ts';
import { trustedEntries } from './trust-store.ts';

const HELP = 'Run `secplan trust` to use the file, or pass --trust-workspace.';

/** The lock that tools are installed by where no manifest is asked: pins of the workspace count once they are trusted. SP2069, SP4001. */
export async function lockToInstall(
  workspace: string,
  { env, trustWorkspace }: Pick<TrustQuestion, 'env' | 'trustWorkspace'>,
): Promise<Outcome<ToolsLock>> {
  const layers = lockLayers(workspace);
  if (!layers.ok) return layers;
  const pins = ownPins(layers.value);
  const pullRequest = pullRequestOf(env);
  if (pullRequest !== undefined) {
    const held = await lockUnderReview(workspace, layers.value, pullRequest);
    return held.ok ? success(wholeLock(held.value), held.diagnostics) : held;
  }
  if (pins.length === 0 || trustWorkspace) return success(wholeLock(layers.value));
  const entries = trustedEntries(env, workspace);
  const known = pins.every((pin) => entries.some(({ facts }) => Object.hasOwn(facts, pinFact(pin).identity)));
  return known ? success(wholeLock(layers.value)) : success(layers.value.packaged, [pinsUnused(pins, HELP)]);
}
