import type { ModelTool } from '../../compiler/model/model.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { consumedBy, type Draft, type PlanContext } from './draft.ts';
import { expandTools } from './expand-tools.ts';

/** Adds the databases that the planned scanners read: nobody enables one, and none is brought that nobody reads. */
export function addDatabases(draft: Draft, context: PlanContext): Outcome<Draft> {
  const wanted = new Map<string, string>();
  for (const node of draft.tools) {
    for (const { from } of consumedBy(node)) {
      const isDatabase = context.catalogue.get(from)?.kind === 'database';
      if (isDatabase && !wanted.has(from)) wanted.set(from, node.tool.pointer);
    }
  }
  const present = new Set(draft.tools.map(({ tool }) => tool.id as string));
  const missing = [...wanted].filter(([id]) => !present.has(id));
  if (missing.length === 0) return success(draft);
  const tools = missing.map(([id, pointer]) => databaseTool(id, pointer, draft));
  const added = expandTools(
    { ...draft, model: { ...draft.model, tools }, tools: [], notPlanned: [] },
    context,
  );
  if (!added.ok) return failed(added.diagnostics);
  return success({
    ...draft,
    tools: [...draft.tools, ...added.value.tools],
    notPlanned: [...draft.notPlanned, ...added.value.notPlanned],
  });
}

function databaseTool(id: string, pointer: string, { model }: Draft): ModelTool {
  const tool = model.databases.find((one) => one.id === id);
  if (tool === undefined) throw new Error(`the model has no settings for the database ${id}`);
  return { ...tool, pointer };
}
