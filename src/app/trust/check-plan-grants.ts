import { canonicalJson } from '../../core/canonical.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import type { Plan } from '../../planner/ir/ir.ts';
import type { Catalogue } from '../../stages/contract/catalogue.ts';
import { toolStages } from '../plan-facts/tool-stages.ts';
import type { PullRequest } from './pull-request.ts';

/** A plan file in a pull request may grant nothing that secplan's own definitions do not: SP2064. */
export function checkPlanGrants(
  plan: Plan,
  catalogue: Catalogue,
  { system }: PullRequest,
): readonly Diagnostic[] {
  const said = (what: string): Diagnostic =>
    diagnostic('SP2064', `${what}, requested by a plan file, in a pull request of ${system}`, {
      help: 'Compile on the base, or run the manifest with --trusted REF.',
    });
  const stages = toolStages(plan).flatMap((stage) => {
    const own = catalogue.get(stage.definition)?.requires.network ?? 'none';
    const isOwn = typeof stage.network === 'string' || canonicalJson(stage.network) === canonicalJson(own);
    return [
      ...(isOwn ? [] : [said(`${stage.id} has network access`)]),
      ...stage.secrets.map((name) => said(`${stage.id} gets the secret ${name}`)),
    ];
  });
  for (const stage of plan.stages) {
    if (stage.kind === 'deliver' || stage.kind === 'notify')
      stages.push(said(`${stage.id} sends the findings`));
  }
  if (plan.remoteCache !== undefined) stages.push(said('results come from a shared cache'));
  return plan.sandbox === 'off' ? [...stages, said('no sandbox')] : stages;
}
