import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { interleave, run, wallMs } from '../measure.ts';
import { figure, type Row, sideOf } from '../row.ts';

export const cold: Row = {
  id: 'cold',
  about:
    'The light profile on the example workspace with an empty cache: the whole `secplan run`, sandboxed, bundle and verdict included, against the same scanners started by hand all at once with the same arguments, unsandboxed, from the same tool store, timed from the first start to the last end.',
  async measure({ dir, root, secplan, node, runs }) {
    const workspace = join(dir, 'cold-workspace');
    cpSync(join(root, 'manifests', 'examples', 'light-python'), workspace, { recursive: true });
    const scratch = join(dir, 'cold');
    const fresh = (name: string): string => {
      const folder = join(scratch, name);
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      return folder;
    };
    // What is not in the tool store yet is installed before anything is measured.
    const scan = () =>
      wallMs({
        argv: [...secplan, 'run', '--profile', 'light', '--export-dir', fresh('bundles')],
        cwd: workspace,
        env: { SECPLAN_CACHE_DIR: fresh('cache') },
        exits: [0, 1],
      });
    scan();
    const byHand = [node, join(root, 'bench', 'in-process', 'by-hand.ts'), workspace];
    const samples = await interleave(
      [
        { name: 'secplan run', once: scan },
        {
          name: 'the same scanners by hand',
          once: () => (JSON.parse(run({ argv: [...byHand, fresh('by-hand')] })) as { ms: number }).ms,
        },
      ],
      Math.min(runs, 5),
    );
    const limit = 1.05 * sideOf(samples, 'the same scanners by hand').median;
    return [figure('cold light run', samples, { text: '<= 1.05 x by hand', limit })];
  },
};
