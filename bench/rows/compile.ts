import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue } from '../../src/stages/catalogue.gen.ts';
import { interleave, wallMs } from '../measure.ts';
import { cueBinary } from '../peers.ts';
import { figure, type Row, sideOf } from '../row.ts';

export const compile: Row = {
  id: 'compile',
  about:
    'Wall time of `secplan compile`, whole process, of a manifest that enables every scanner of the catalogue: in JSON against an empty Node process, in CUE against `cue export` of the same file.',
  async measure({ dir, secplan, node, runs }) {
    const scanners = [...catalogue.keys()].filter((id) => id !== 'custom');
    const manifest = {
      apiVersion: 'secplan/v1',
      metadata: { name: 'bench' },
      targets: { source: { path: '.' } },
      profiles: { all: { tools: { enable: scanners } } },
    };
    const folders = { json: join(dir, 'compile-json'), cue: join(dir, 'compile-cue') };
    for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folders.json, 'secplan.json'), JSON.stringify(manifest, null, 2));
    // Plain JSON is CUE; what is unquoted and repeated would be quicker to read, not slower.
    writeFileSync(join(folders.cue, 'secplan.cue'), JSON.stringify(manifest, null, 2));
    const ours = (cwd: string) => () => wallMs({ argv: [...secplan, 'compile', '--profile', 'all'], cwd });
    const json = await interleave(
      [
        { name: `secplan compile, ${scanners.length} stages, JSON`, once: ours(folders.json) },
        { name: 'node -e 0', once: () => wallMs({ argv: [node, '-e', '0'] }) },
      ],
      runs,
    );
    const figures = [
      figure(`compile ${scanners.length} stages from JSON`, json, {
        text: '<= node -e 0 + 90 ms',
        limit: sideOf(json, 'node -e 0').median + 90,
      }),
    ];
    const cue = cueBinary(join(dir, '..', 'secplan-bench-peers'));
    if (cue === undefined) return figures;
    const samples = await interleave(
      [
        { name: `secplan compile, ${scanners.length} stages, CUE`, once: ours(folders.cue) },
        {
          name: 'cue export',
          once: () => wallMs({ argv: [cue, 'export', 'secplan.cue'], cwd: folders.cue }),
        },
      ],
      runs,
    );
    const limit = sideOf(samples, 'cue export').median + 300;
    figures.push(
      figure(`compile ${scanners.length} stages from CUE`, samples, {
        text: '<= cue export + 300 ms',
        limit,
      }),
    );
    return figures;
  },
};
