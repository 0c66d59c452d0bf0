import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { interleave, run, wallMs } from '../measure.ts';
import { figure, type Row } from '../row.ts';
import { STAGES, writeTaskWorkspace } from '../task-workspace.ts';

interface Timed {
  readonly timings: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export const orchestration: Row = {
  id: 'orchestration',
  about:
    'A cold run of 60 stages whose tool is `cat`, one at a time on each core: what a stage takes from start to end (input view, sandbox, collecting, storing, judging; queueing not counted), median over the stages, with the tool’s own process; against a bubblewrap around `true`.',
  async measure({ dir, secplan, runs }) {
    const workspace = join(dir, 'orchestration');
    writeTaskWorkspace(workspace, 1_000);
    const scratch = (name: string): string => join(dir, 'orchestration-scratch', name);
    const once = (): number => {
      rmSync(join(dir, 'orchestration-scratch'), { recursive: true, force: true });
      const argv = [...secplan, 'run', '--profile', 'bench', '--timings', '--json'];
      const output = run({
        argv: [...argv, '--export-dir', scratch('bundles')],
        cwd: workspace,
        env: { SECPLAN_CACHE_DIR: scratch('cache') },
      });
      const { timings } = JSON.parse(output) as Timed;
      const each = Object.values(timings)
        .map((stage) => (stage.endedAt ?? 0) - (stage.startedAt ?? 0))
        .sort((a, b) => a - b);
      if (each.length !== STAGES) throw new Error(`${each.length} stages have timings`);
      return each[STAGES / 2] ?? Number.NaN;
    };
    const bwrap = ['bwrap', '--ro-bind', '/usr', '/usr', '--symlink', 'usr/bin', '/bin'];
    const libraries = ['--symlink', 'usr/lib', '/lib', '--symlink', 'usr/lib64', '/lib64'];
    const argv = [...bwrap, ...libraries, '--unshare-all', '--die-with-parent', 'true'];
    const samples = await interleave(
      [
        { name: 'a stage, sandbox included', once },
        { name: 'bwrap true', once: () => wallMs({ argv }) },
      ],
      runs,
    );
    return [figure('orchestration of a stage', samples, { text: '<= 10 ms', limit: 10 })];
  },
};
