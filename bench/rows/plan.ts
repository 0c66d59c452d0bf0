import { join } from 'node:path';
import { type Command, interleave, run, type Side } from '../measure.ts';
import { type Figure, figure, type Row } from '../row.ts';

const SIZES = [
  { count: 1_000, shape: 'layers', limit: 15 },
  { count: 10_000, shape: 'layers', limit: 150 },
  { count: 100_000, shape: 'layers', limit: 1_500 },
  { count: 100_000, shape: 'chain', limit: 1_500 },
] as const;

export const plan: Row = {
  id: 'plan',
  about:
    'In process, a new one each time: validate, resolve, plan and digest a parsed manifest of custom stages with up to three needs each, or in one chain. The peers build and sort the same graph, nothing more: a Map of sets with Kahn’s algorithm, and graphlib’s topsort (which overflows on a long chain).',
  async measure({ root, node, runs }) {
    const figures: Figure[] = [];
    const folder = join(root, 'bench', 'in-process');
    for (const { count, shape, limit } of SIZES) {
      const size = [String(count), shape];
      const sides: Side[] = [
        child('secplan', { argv: [node, join(folder, 'plan.ts'), ...size] }),
        child('Map and Kahn', { argv: [node, join(folder, 'peer-graph.ts'), 'map', ...size] }),
      ];
      if (shape !== 'chain') {
        sides.push(child('graphlib', { argv: [node, join(folder, 'peer-graph.ts'), 'graphlib', ...size] }));
      }
      const samples = await interleave(sides, count > 10_000 ? Math.min(runs, 5) : runs);
      figures.push(figure(`plan ${count} stages, ${shape}`, samples, { text: `<= ${limit} ms`, limit }));
    }
    return figures;
  },
};

/** A process that measures itself and prints `{"ms": …}`. */
function child(name: string, command: Command): Side {
  return { name, once: () => (JSON.parse(run(command)) as { ms: number }).ms };
}
