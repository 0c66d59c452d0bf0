import { byCodeUnit } from '../../core/canonical.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostic.ts';
import { didYouMean as nearest } from '../../core/did-you-mean.ts';
import type { StageId } from '../../core/ids.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { type Draft, type DraftTool, toolPointer } from './draft.ts';

/** Adds the order that custom stages ask for. A `needs` names one stage, or a tool and so all of its stages. */
export function connectNeeds(draft: Draft): Outcome<Draft> {
  const diagnostics: Diagnostic[] = [];
  if (draft.tools.every(({ tool }) => tool.needs.length === 0)) return success(draft);
  const named = stagesByName(draft.tools);
  const tools = draft.tools.map((node) => {
    if (node.tool.needs.length === 0) return node;
    const needs = [...node.stage.needs];
    for (const [index, need] of node.tool.needs.entries()) {
      const stages = named.get(need);
      if (stages === undefined)
        diagnostics.push(unknownStage(node, index, nearest(need, named.keys()), draft));
      needs.push(...(stages ?? []));
    }
    return {
      ...node,
      stage: { ...node.stage, needs: needs.length > 1 ? [...new Set(needs)].sort(byCodeUnit) : needs },
    };
  });
  return diagnostics.length > 0 ? failed(diagnostics) : success({ ...draft, tools });
}

function stagesByName(tools: readonly DraftTool[]): ReadonlyMap<string, readonly StageId[]> {
  const named = new Map<string, StageId[]>();
  for (const { stage, tool } of tools) {
    const stages = named.get(tool.id);
    if (stages === undefined) named.set(tool.id, [stage.id]);
    else stages.push(stage.id);
  }
  for (const { stage } of tools) if (!named.has(stage.id)) named.set(stage.id, [stage.id]);
  return named;
}

function unknownStage(
  node: DraftTool,
  index: number,
  didYouMean: string | undefined,
  draft: Draft,
): Diagnostic {
  const need = node.tool.needs[index] ?? '';
  const absent = draft.notPlanned.find(({ tool }) => tool === need);
  return diagnostic('SP3005', `${node.stage.id} needs ${JSON.stringify(need)}, which is not in the plan`, {
    pointer: toolPointer(node, `needs/${index}`),
    value: need,
    ...(didYouMean === undefined ? {} : { didYouMean }),
    ...(absent === undefined ? {} : { help: `${need} is ${absent.state}: ${absent.text}.` }),
  });
}
