import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { listed } from '../../core/listed.ts';
import { type Outcome, success } from '../../core/outcome.ts';
import { emptyLock } from '../../lock/lock.ts';
import type { OwnPin } from '../../planner/ir/ir.ts';
import { type Commit, findCommit } from '../git/git-ref.ts';
import { pinFact, pinText } from './deciding-facts.ts';
import { type LockLayers, lockLayersAt, ownPins } from './lock-in-force.ts';
import type { PullRequest } from './pull-request.ts';
import { factsDigest } from './trust-store.ts';

/** The lock of a change under review, which brings no pins itself: its base's, or secplan's own where no base can be seen. SP2069. */
export async function lockUnderReview(
  workspace: string,
  layers: LockLayers,
  by: Commit | PullRequest,
): Promise<Outcome<LockLayers>> {
  const commit = 'sha' in by ? by : await baseOf(workspace, by);
  const base =
    commit === undefined
      ? success({ packaged: layers.packaged, own: emptyLock() })
      : await lockLayersAt(commit, layers);
  if (!base.ok) return base;
  const own = ownPins(layers);
  if (sameFacts(own, ownPins(base.value))) return base;
  const from = commit === undefined ? "secplan's own lock" : `the lock of ${commit.ref}`;
  const help = `${from} pins the tools. Merge the change of tools.lock.json first.`;
  return success(base.value, [pinsUnused(own, help)]);
}

/** Pins that are not used, each with package, version and hash. */
export function pinsUnused(pins: readonly OwnPin[], help: string): Diagnostic {
  const what = pins.length === 0 ? 'it leaves pins out' : listed(pins.map(pinText), 5, '; ');
  return diagnostic('SP2069', `tools.lock.json of the workspace is not used: ${what}`, { help });
}

async function baseOf(workspace: string, { base }: PullRequest): Promise<Commit | undefined> {
  for (const candidate of base) {
    const commit = await findCommit(workspace, candidate, { code: 'SP2066', option: 'base', help: '' });
    if (commit.ok) return commit.value;
  }
  return undefined;
}

function sameFacts(a: readonly OwnPin[], b: readonly OwnPin[]): boolean {
  const of = (pins: readonly OwnPin[]) => factsDigest(pins.map((pin) => pinFact(pin).identity));
  return of(a) === of(b);
}
