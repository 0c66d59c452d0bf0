import type { ModelTarget } from '../../compiler/model/model.ts';
import { readWorkspaceFacts } from '../../compiler/read/read.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import type { Plan } from '../../planner/ir/ir.ts';
import { toolStages } from '../plan-facts/tool-stages.ts';

/**
 * SP2012 for each target that a stage of the plan reads and that is not in the workspace: what is not there must not look
 * like what has nothing to scan. A target that no stage reads, such as an image that is yet to be built in a profile
 * without image scanners, is nobody's concern. `targets` are the manifest's, for their places; absent for a plan file.
 */
export function checkTargetPaths(
  plan: Pick<Plan, 'stages'>,
  workspace: string,
  targets: readonly ModelTarget[] = [],
): Diagnostic[] {
  const facts = readWorkspaceFacts(workspace);
  const missing = new Map<string, Diagnostic>();
  for (const { id, target } of toolStages(plan)) {
    const { kind, name, path } = target;
    if (kind === 'source' || path === undefined || facts.lookup(path) !== 'missing') continue;
    const of = targets.find((one) => one.kind === kind && one.name === name);
    const at = of === undefined ? {} : { pointer: `${of.pointer}/${kind === 'image' ? 'archive' : 'path'}` };
    missing.set(
      `${kind} ${name}`,
      diagnostic('SP2012', `path not found in the workspace: ${kind} ${name} is read by ${id}`, {
        value: path,
        ...at,
      }),
    );
  }
  return [...missing.values()];
}
