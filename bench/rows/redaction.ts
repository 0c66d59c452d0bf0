import { join } from 'node:path';
import { interleave, run } from '../measure.ts';
import { figure, type Row } from '../row.ts';

export const redaction: Row = {
  id: 'redaction',
  about:
    '10,000 secrets that a scanner found are learned and 50 MB of reports that quote them written through the redacting, hashing bundle writer; against 1,000 secrets, and against none: one pass over the bytes. And the longest that a signal would have waited meanwhile. Each in a new process.',
  async measure({ root, node, runs }) {
    const script = (values: number, figure: 'ms' | 'blockedMs') => () => {
      const argv = [node, join(root, 'bench', 'in-process', 'redaction.ts'), String(values), '50'];
      return (JSON.parse(run({ argv })) as Record<typeof figure, number>)[figure];
    };
    const times = await interleave(
      [
        { name: '10000 values', once: script(10_000, 'ms') },
        { name: '1000 values', once: script(1000, 'ms') },
        { name: 'no values', once: script(0, 'ms') },
      ],
      Math.min(runs, 5),
    );
    const waits = await interleave(
      [{ name: '10000 values', once: script(10_000, 'blockedMs') }],
      Math.min(runs, 5),
    );
    return [
      figure('redact 10000 values, 50 MB', times, { text: '<= 3000 ms', limit: 3000 }),
      figure('longest wait of a signal', waits, { text: '<= 100 ms', limit: 100 }),
    ];
  },
};
