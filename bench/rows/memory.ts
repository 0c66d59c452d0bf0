import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { interleave, run } from '../measure.ts';
import { figure, type Row } from '../row.ts';
import { writeTaskWorkspace } from '../task-workspace.ts';

export const memory: Row = {
  id: 'memory',
  about:
    'Peak resident memory of secplan’s own process in a run of 60 stages over 10,000 files, cold and warm, against an empty Node process; scanners are processes of their own.',
  async measure({ dir, secplan, node, runs }) {
    const workspace = join(dir, 'memory');
    writeTaskWorkspace(workspace, 10_000);
    const scratch = join(dir, 'memory-scratch');
    const peak = (argv: readonly string[], report: string): number => {
      run({
        argv,
        cwd: workspace,
        env: {
          SECPLAN_CACHE_DIR: join(scratch, 'cache'),
          NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(recorder(report))}`,
        },
      });
      return Number(readFileSync(report, 'utf8')) / 1024;
    };
    const report = join(dir, 'peak-kb');
    const scan = [...secplan, 'run', '--profile', 'bench', '--export-dir', join(scratch, 'bundles')];
    const samples = await interleave(
      [
        {
          name: 'cold run',
          once() {
            rmSync(scratch, { recursive: true, force: true });
            return peak(scan, report);
          },
        },
        { name: 'warm run', once: () => peak(scan, report) },
        { name: 'node -e 0', once: () => peak([node, '-e', '0'], report) },
      ],
      Math.min(runs, 5),
    );
    return [figure('peak memory, 60 stages, 10000 files', samples, { text: '<= 150 MB', limit: 150 }, 'MB')];
  },
};

/** Notes the peak as the kernel counted it for the process. */
function recorder(report: string): string {
  return `import{writeFileSync}from'node:fs';process.on('exit',()=>writeFileSync(${JSON.stringify(report)},String(process.resourceUsage().maxRSS)));`;
}
