import type { Plan } from '../planner/ir/ir.ts';
import { dotString } from './graph-escape.ts';

/** The plan in Graphviz's DOT language: an arrow leads from a stage to those that need it. */
export function graphDot(plan: Plan): string {
  const lines = [
    `digraph ${dotString(plan.name)} {`,
    '  rankdir=LR;',
    '  node [shape=box, style=rounded, fontname="sans-serif"];',
    ...plan.stages.map((stage) => {
      const label = 'category' in stage ? `${stage.id} (${stage.category})` : stage.id;
      return `  ${dotString(stage.id)} [label=${dotString(label)}];`;
    }),
    ...plan.stages.flatMap((stage) =>
      stage.needs.map((need) => `  ${dotString(need)} -> ${dotString(stage.id)};`),
    ),
    '}',
  ];
  return `${lines.join('\n')}\n`;
}
