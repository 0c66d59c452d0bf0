import { byCodeUnit } from '../../core/canonical.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import type { StageId } from '../../core/ids.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { closest } from '../closest.ts';
import { type Draft, type DraftTool, toolPointer } from '../draft.ts';

/** Adds the order that custom stages ask for. A `needs` names one stage, or a tool and so all of its stages. */
export function connectNeeds(draft: Draft): Outcome<Draft> {
  const diagnostics: Diagnostic[] = [];
  const named = new Map<string, readonly StageId[]>();
  for (const [tool, nodes] of Map.groupBy(draft.tools, (node) => node.tool.id)) {
    named.set(
      tool,
      nodes.map(({ stage }) => stage.id),
    );
  }
  for (const { stage } of draft.tools) if (!named.has(stage.id)) named.set(stage.id, [stage.id]);
  const tools = draft.tools.map((node) => {
    if (node.tool.needs.length === 0) return node;
    const needs = new Set<StageId>(node.stage.needs);
    for (const [index, need] of node.tool.needs.entries()) {
      const stages = named.get(need);
      if (stages === undefined) diagnostics.push(unknownStage(node, index, need, named.keys(), draft));
      for (const stage of stages ?? []) needs.add(stage);
    }
    return { ...node, stage: { ...node.stage, needs: [...needs].sort(byCodeUnit) } };
  });
  return diagnostics.length > 0 ? failed(diagnostics) : success({ ...draft, tools });
}

function unknownStage(
  node: DraftTool,
  index: number,
  need: string,
  known: Iterable<string>,
  draft: Draft,
): Diagnostic {
  const absent = draft.left.find(({ tool }) => tool === need);
  const didYouMean = closest(need, known);
  return diagnostic(
    'SP3005',
    `${node.stage.id} needs ${JSON.stringify(need)}, which the plan does not hold`,
    {
      pointer: toolPointer(node.tool, `needs/${index}`),
      value: need,
      ...(didYouMean === undefined ? {} : { didYouMean }),
      ...(absent === undefined ? {} : { help: `${need} is ${absent.state}: ${absent.reason}.` }),
    },
  );
}
