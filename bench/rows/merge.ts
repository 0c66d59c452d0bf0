import { join } from 'node:path';
import { interleave, run } from '../measure.ts';
import { figure, type Row, sideOf } from '../row.ts';

export const merge: Row = {
  id: 'merge',
  about:
    '100,000 findings of ten tools in memory are joined, ordered, written as one SARIF file through the redacting, hashing bundle writer; against reading that file, JSON.parse, JSON.stringify and writing it. Each in a new process.',
  async measure({ root, node, runs }) {
    const script = (what: string) => () => {
      const argv = [node, join(root, 'bench', 'in-process', 'merge.ts'), what, '100000'];
      return (JSON.parse(run({ argv })) as { ms: number }).ms;
    };
    const samples = await interleave(
      [
        { name: 'merge and write', once: script('merge') },
        { name: 'parse and stringify', once: script('json') },
      ],
      Math.min(runs, 5),
    );
    const limit = 1.6 * sideOf(samples, 'parse and stringify').median;
    return [figure('merge 100000 findings', samples, { text: '<= 1.6 x parse and stringify', limit })];
  },
};
