import { Graph } from '@dagrejs/graphlib';
import type { Plan } from '../ir/ir.ts';

/**
 * The plan as a graphlib graph, for programs that lay it out or analyse it: nodes carry the stage's kind, edges lead
 * from a stage to those that need it. Not on the way of a run; see docs/decisions/0003-graph.md.
 */
export function graphView(plan: Plan): Graph {
  const graph = new Graph({ directed: true });
  graph.setGraph({ name: plan.name, planDigest: plan.planDigest });
  for (const stage of plan.stages) graph.setNode(stage.id, { kind: stage.kind });
  for (const stage of plan.stages) for (const need of stage.needs) graph.setEdge(need, stage.id);
  return graph;
}
