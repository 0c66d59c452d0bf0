import { interleave, wallMs } from '../measure.ts';
import { figure, type Row, sideOf } from '../row.ts';

export const startUp: Row = {
  id: 'start-up',
  about: 'Wall time of `secplan --version` as installed, against an empty Node process.',
  async measure({ secplan, node, runs }) {
    const samples = await interleave(
      [
        { name: 'secplan --version', once: () => wallMs({ argv: [...secplan, '--version'] }) },
        { name: 'node -e 0', once: () => wallMs({ argv: [node, '-e', '0'] }) },
      ],
      runs,
    );
    const limit = 2 * sideOf(samples, 'node -e 0').median;
    return [figure('secplan --version', samples, { text: '<= 2 x node -e 0', limit })];
  },
};
