import { canonicalJson } from '../../core/canonical.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome } from '../../core/outcome.ts';
import type { ToolsLock } from '../../lock/lock-types.ts';
import type { Plan } from '../../planner/ir/ir.ts';
import type { Catalogue } from '../../stages/contract/catalogue.ts';
import { programDigests } from '../plan-facts/plan-facts.ts';
import { toolStages } from '../plan-facts/tool-stages.ts';
import { lockToInstall } from './lock-to-install.ts';
import type { PullRequest } from './pull-request.ts';
import { scriptDigest } from './script-digest.ts';
import type { TrustQuestion } from './trust-question.ts';
import { trustedEntries } from './trust-store.ts';

interface PlanFile {
  readonly plan: Plan;
  /** Absolute, links resolved. */
  readonly workspace: string;
  readonly catalogue: Catalogue;
}

/**
 * The lock that a plan file is run with. The file may lie in the scanned tree: what it grants beyond secplan's own definitions
 * counts only where the caller vouches for it, and in a pull request never. SP2064, SP2067, SP2069, SP4001.
 */
export async function decidePlanTrust(
  { plan, workspace, catalogue }: PlanFile,
  { mode, env, trustWorkspace }: TrustQuestion,
  pullRequest: PullRequest | undefined,
): Promise<Outcome<ToolsLock>> {
  const grants = planGrants(plan, catalogue);
  if (pullRequest !== undefined) {
    const why = `requested by a plan file, in a pull request of ${pullRequest.system}`;
    const help = 'Compile on the base, or run the manifest with --trusted REF.';
    if (grants.length > 0) return failed(said('SP2064', grants, { why, help }));
    return lockToInstall(workspace, { env, trustWorkspace: false });
  }
  const vouched = trustWorkspace || mode === 'tell';
  const isKnown = trustedEntries(env, workspace).some(({ facts }) =>
    Object.hasOwn(facts, planIdentity(plan)),
  );
  if (grants.length > 0 && !vouched && !isKnown) {
    const why = 'requested by a plan file that you have not trusted';
    const help =
      'Run `secplan trust --plan FILE` if you made or reviewed the plan; in CI pass --trust-workspace.';
    return failed(said('SP2067', grants, { why, help }));
  }
  const changed = changedPrograms(plan, workspace);
  if (changed.length > 0 && mode !== 'tell') {
    const why = 'is not as the plan was made with it, and gets a secret or the network';
    const help = 'Compile the plan again, and trust the new one.';
    return failed(said('SP2067', changed, { why, help }));
  }
  return lockToInstall(workspace, { env, trustWorkspace: vouched });
}

/** Programs of stages with a secret or the network whose files differ from what the plan says, by path. */
function changedPrograms(plan: Plan, workspace: string): readonly string[] {
  const granted = toolStages(plan).filter(
    ({ secrets, network }) => secrets.length > 0 || typeof network === 'object',
  );
  const services = plan.stages.filter((stage) => stage.kind === 'service' && stage.secrets.length > 0);
  const files = [...granted, ...services].flatMap(programDigests);
  return [
    ...new Set(files.flatMap(([path, digest]) => (scriptDigest(workspace, path) === digest ? [] : [path]))),
  ];
}

/** What stands for a whole plan among deciding facts. */
export function planIdentity({ planDigest }: Pick<Plan, 'planDigest'>): string {
  return `plan ${planDigest}`;
}

/** In words, what a plan grants that secplan's own definitions do not. */
export function planGrants(plan: Plan, catalogue: Catalogue): readonly string[] {
  const stages = toolStages(plan).flatMap((stage) => {
    const own = catalogue.get(stage.definition)?.requires.network ?? 'none';
    const isOwn = typeof stage.network === 'string' || canonicalJson(stage.network) === canonicalJson(own);
    return [
      ...(isOwn ? [] : [`${stage.id} has network access`]),
      ...stage.secrets.map((name) => `${stage.id} gets the secret ${name}`),
    ];
  });
  for (const stage of plan.stages) {
    if (stage.kind === 'deliver' || stage.kind === 'notify') stages.push(`${stage.id} sends the findings`);
    if (stage.kind === 'sign') stages.push(`${stage.id} signs the evidence`);
    if (stage.kind === 'service')
      stages.push(...stage.secrets.map((name) => `${stage.id} gets the secret ${name}`));
  }
  if (plan.remoteCache !== undefined) stages.push('results come from a shared cache');
  return plan.sandbox === 'off' ? [...stages, 'no sandbox'] : stages;
}

function said(
  code: 'SP2064' | 'SP2067',
  grants: readonly string[],
  { why, help }: { readonly why: string; readonly help: string },
): readonly Diagnostic[] {
  return grants.map((what) => diagnostic(code, `${what}, ${why}`, { help }));
}
