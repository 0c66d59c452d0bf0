import type { LoadedManifest } from '../../compiler/read/load.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { listed } from '../../core/listed.ts';
import { failedWith, type PartialOutcome, success } from '../../core/outcome.ts';
import { emptyLock } from '../../lock/lock.ts';
import type { TrustedManifest } from './apply-trust.ts';
import { type DecidingFact, decidingFacts } from './deciding-facts.ts';
import { grantsOf } from './grants.ts';
import { type LockLayers, lockLayers, ownPins } from './lock-in-force.ts';
import { lockUnderReview, pinsUnused } from './lock-under-review.ts';
import type { PullRequest } from './pull-request.ts';
import type { TrustQuestion } from './trust-question.ts';
import { factsDigest, trustedEntries } from './trust-store.ts';

export interface Decided {
  /** What tools are planned and installed by. */
  readonly layers: LockLayers;
  /** Whether the manifest's folder of the cache may be used. */
  readonly cacheDir: boolean;
}

const HELP =
  'If you wrote or reviewed these settings and programs, run `secplan trust`. In CI pass --trust-workspace, or --trusted REF to take them from a git ref.';

/**
 * The one rule (docs/reference/trust.md): the scanned tree is data. What it says of what runs and whom to believe counts from a
 * ref that the caller trusts, or in a workspace that the user has trusted; without a question everything counts, as nothing is
 * run. A failure holds what may be planned to find further errors. SP2067, SP2068, SP2069, SP4001.
 */
export async function decideTrust(
  { loaded, heldTo }: TrustedManifest,
  question: TrustQuestion | undefined,
  pullRequest: PullRequest | undefined,
): Promise<PartialOutcome<Decided>> {
  const layers = lockLayers(loaded.workspace);
  if (!layers.ok) return layers;
  const underReview = heldTo?.commit ?? pullRequest;
  if (underReview !== undefined) {
    const held = await lockUnderReview(loaded.workspace, layers.value, underReview);
    return held.ok ? success({ layers: held.value, cacheDir: true }, held.diagnostics) : held;
  }
  const decided: Decided = { layers: layers.value, cacheDir: true };
  if (question === undefined) return success(decided);
  const pins = ownPins(layers.value);
  if (pins.length === 0 && !question.unsandboxed && grantsOf(loaded.manifest).length === 0)
    return success(decided);
  const facts = decidingFacts(loaded.workspace, loaded.manifest, pins);
  const asked = facts.filter(({ always }) => always || question.unsandboxed);
  if (asked.length === 0 || question.trustWorkspace) return success(decided);
  const before = untrusted(loaded, facts, question);
  if (before === undefined) return success(decided);
  if (question.mode === 'tell')
    return success({ ...decided, cacheDir: false }, [wouldAsk(asked.map(({ what }) => what))]);
  const without: Decided = { layers: { ...layers.value, own: emptyLock() }, cacheDir: false };
  const unusedPins = pins.length === 0 ? [] : [pinsUnused(pins, HELP)];
  const grants = asked.filter(({ kind }) => kind !== 'pin');
  if (grants.length === 0 || question.mode === 'install') return success(without, unusedPins);
  return failedWith([...refusals(loaded, grants, before), ...unusedPins], without);
}

/** What was trusted before, by identity, where that is not what stands here; undefined where the workspace is trusted. */
function untrusted(
  { workspace, manifestPath = '' }: LoadedManifest,
  facts: readonly DecidingFact[],
  { env }: TrustQuestion,
): Readonly<Record<string, string>> | undefined {
  const entry = trustedEntries(env, workspace).find(({ manifest }) => manifest === manifestPath);
  const digest = factsDigest(facts.map(({ identity }) => identity));
  const unchecked = facts.some(({ kind }) => kind === 'unchecked');
  return entry?.digest === digest && !unchecked ? undefined : (entry?.facts ?? {});
}

/** Only what differs from what the user trusted before, where there is such a thing; else everything. */
function refusals(
  loaded: LoadedManifest,
  facts: readonly DecidingFact[],
  before: Readonly<Record<string, string>>,
): readonly Diagnostic[] {
  const known = Object.keys(before).length > 0;
  const fresh = facts.filter(({ identity }) => !Object.hasOwn(before, identity));
  // Files of programs follow from the setting that names them.
  const told = known ? fresh : fresh.filter(({ kind }) => kind !== 'program');
  if (told.length === 0)
    return [diagnostic('SP2067', 'what this workspace decides is not what you trusted', { help: HELP })];
  return told.map(({ what, pointer }) => {
    const place = pointer === undefined ? undefined : (loaded.keyPlace(pointer) ?? loaded.place(pointer));
    return diagnostic('SP2067', `${what}: ${known ? 'changed since' : 'needs'} \`secplan trust\``, {
      ...(pointer === undefined ? {} : { pointer }),
      help: HELP,
      ...(place === undefined ? {} : { place }),
    });
  });
}

/** For commands that only show: what a run would need. */
function wouldAsk(what: readonly string[]): Diagnostic {
  return diagnostic('SP2068', `a run needs trust for ${listed(what, 5, '; ')}`, { help: HELP });
}
