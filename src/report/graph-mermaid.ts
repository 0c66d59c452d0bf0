import type { Plan } from '../planner/ir/ir.ts';
import { mermaidLabel } from './graph-escape.ts';

/** The plan as a Mermaid flowchart. Nodes are numbered, so that no name of a stage is read as a keyword. */
export function graphMermaid(plan: Plan): string {
  const number = new Map<string, string>(plan.stages.map((stage, index) => [stage.id, `n${index}`]));
  const lines = [
    'flowchart LR',
    ...plan.stages.map((stage) => {
      const label = 'category' in stage ? `${stage.id} (${stage.category})` : stage.id;
      const text = mermaidLabel(label);
      return 'category' in stage
        ? `  ${number.get(stage.id)}[${text}]`
        : `  ${number.get(stage.id)}([${text}])`;
    }),
    ...plan.stages.flatMap((stage) =>
      stage.needs.map((need) => `  ${number.get(need) ?? 'n'} --> ${number.get(stage.id)}`),
    ),
  ];
  return `${lines.join('\n')}\n`;
}
