import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { PlanRequest } from '../../compiler/model/plan-request.ts';
import { builtInManifest, isAbsent, type LoadedManifest, loadManifest } from '../../compiler/read/load.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { readPlan } from '../../planner/plan-file/plan-file.ts';
import { catalogue } from '../../stages/catalogue.gen.ts';
import { planGrants, planIdentity } from './decide-plan-trust.ts';
import { decidingFacts } from './deciding-facts.ts';
import { lockLayers, ownPins } from './lock-in-force.ts';
import { factsDigest, saveTrusted, type TrustedWorkspace, trustedEntries } from './trust-store.ts';

export interface TrustWorkspaceRequest extends Pick<PlanRequest, 'manifestPath' | 'workspace'> {
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A plan file to trust in place of the manifest. */
  readonly plan?: string | undefined;
}

/** What a user vouches for: nothing where the workspace decides nothing. */
export type Vouched = Pick<TrustedWorkspace, 'workspace' | 'manifest' | 'facts'>;

/**
 * Notes that the user trusts what a workspace decides today, or a plan file. Nothing is written where there is nothing to trust.
 * SP2066, SP2070, the manifest's and the lock's diagnostics.
 */
export async function trustWorkspace(request: TrustWorkspaceRequest): Promise<Outcome<Vouched>> {
  const vouched =
    request.plan === undefined ? await ofManifest(request) : await ofPlan(request, request.plan);
  if (!vouched.ok || Object.keys(vouched.value.facts).length === 0) return vouched;
  const { workspace, manifest, facts } = vouched.value;
  try {
    const saved = await saveTrusted(request.env, { workspace, manifest }, facts);
    return saved.ok ? vouched : failed([notSaved(saved.why)]);
  } catch (error) {
    return failed([notSaved((error as Error).message)]);
  }
}

/** Whether the user trusts what the workspace decides now; also of one whose manifest is not valid. */
export type TrustState = 'nothing' | 'trusted' | 'untrusted';

export async function trustState(request: TrustWorkspaceRequest): Promise<TrustState> {
  const vouched = await ofManifest(request);
  if (!vouched.ok) return 'untrusted';
  const { workspace, manifest, facts } = vouched.value;
  const identities = Object.keys(facts);
  if (identities.length === 0) return 'nothing';
  const digest = factsDigest(identities);
  const entries = trustedEntries(request.env, workspace);
  return entries.some((one) => one.manifest === manifest && one.digest === digest) ? 'trusted' : 'untrusted';
}

/** After secplan itself has changed a deciding file at the user's request: what was trusted stays so. SP2068, SP2070. */
export async function keepTrust(
  request: TrustWorkspaceRequest,
  before: TrustState,
): Promise<readonly Diagnostic[]> {
  if (before !== 'untrusted') {
    const kept = await trustWorkspace(request);
    return kept.ok ? [] : kept.diagnostics;
  }
  return [diagnostic('SP2068', 'the new pins are used once you run `secplan trust`')];
}

function notSaved(why: string) {
  return diagnostic('SP2070', `the decision cannot be stored: ${why}`, {
    help: 'Set XDG_CONFIG_HOME to a folder of your own outside the workspace, or pass --trust-workspace to each run.',
  });
}

/** The loaded workspace, with the built-in manifest where it has none. */
async function load(request: TrustWorkspaceRequest): Promise<Outcome<LoadedManifest>> {
  const { cwd, manifestPath, workspace } = request;
  const loaded = await loadManifest({ cwd, manifestPath, workspace });
  if (loaded.ok) return loaded;
  return isAbsent(loaded, request) ? success(builtInManifest(workspace ?? cwd)) : failed(loaded.diagnostics);
}

async function ofManifest(request: TrustWorkspaceRequest): Promise<Outcome<Vouched>> {
  const loaded = await load(request);
  if (!loaded.ok) return loaded;
  const { workspace, manifest, manifestPath = '' } = loaded.value;
  const layers = lockLayers(workspace);
  if (!layers.ok) return layers;
  const facts = decidingFacts(workspace, manifest, ownPins(layers.value));
  const unchecked = facts.filter(({ kind }) => kind === 'unchecked');
  if (unchecked.length > 0) return failed(unchecked.map(({ what }) => diagnostic('SP2070', what)));
  const named = Object.fromEntries(facts.map(({ identity, what }) => [identity, what]));
  return success({ workspace, manifest: manifestPath, facts: named }, loaded.diagnostics);
}

async function ofPlan(request: TrustWorkspaceRequest, file: string): Promise<Outcome<Vouched>> {
  const loaded = await load(request);
  if (!loaded.ok) return loaded;
  let text: string;
  try {
    text = await readFile(resolve(request.cwd, file), 'utf8');
  } catch (error) {
    return failed([diagnostic('SP3006', `cannot read the plan ${file}: ${(error as Error).message}`)]);
  }
  const plan = readPlan(text);
  if (!plan.ok) return plan;
  const grants = planGrants(plan.value, catalogue);
  const facts =
    grants.length === 0 ? {} : { [planIdentity(plan.value)]: `the plan ${file}: ${grants.join('; ')}` };
  return success({ workspace: loaded.value.workspace, manifest: 'plan', facts });
}
