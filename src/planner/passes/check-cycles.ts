import { diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { findCycle, stageGraph } from '../graph/graph.ts';
import { type Draft, toolPointer } from './draft.ts';

// A cycle over thousands of stages is told by its first few.
const NAMED = 20;

/** Refuses a graph in which stages need each other, and names one cycle. */
export function checkCycles(draft: Draft): Outcome<Draft> {
  const graph = stageGraph([...draft.tools.map(({ stage }) => stage), ...draft.services, ...draft.closing]);
  const cycle = findCycle(graph);
  if (cycle === undefined) return success(draft);
  const nodes = new Map(draft.tools.map((node) => [node.stage.id as string, node]));
  const asked = cycle.slice(0, NAMED).map((id, at) => {
    const node = nodes.get(id);
    const next = cycle[(at + 1) % cycle.length] ?? id;
    const index =
      node?.tool.needs.findIndex((need) => need === next || nodes.get(next)?.tool.id === need) ?? -1;
    const pointer = node && (index >= 0 ? toolPointer(node, `needs/${index}`) : node.tool.pointer);
    return { pointer: pointer ?? '', message: `${id} needs ${next}: ${pointer || 'built in'}` };
  });
  const shown = [
    ...cycle.slice(0, NAMED),
    ...(cycle.length > NAMED ? [`… ${cycle.length - NAMED} more`] : []),
  ];
  return failed([
    diagnostic('SP3001', `stages depend on each other: ${[...shown, cycle[0]].join(' -> ')}`, {
      pointer: asked[0]?.pointer ?? '',
      value: cycle[0] ?? '',
      help: 'Remove one of these `needs`.',
      related: asked.map(({ message }) => ({ message })),
    }),
  ]);
}
