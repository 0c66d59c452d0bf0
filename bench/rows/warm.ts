import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { type Command, interleave, run, type Side, wallMs } from '../measure.ts';
import { installPeers, turboBinary } from '../peers.ts';
import { type BenchContext, type Figure, figure, type Row, sideOf } from '../row.ts';
import { STAGES, writeTaskWorkspace } from '../task-workspace.ts';

export const warm: Row = {
  id: 'warm',
  about:
    'Whole process, everything cached: 60 tasks in 60 packages over 10,000 files (--with 100k: also 100,000) in git. secplan seals a bundle each time; the others restore one file a task or find it in place. Floors: an empty Node process, Node with an lstat of every file, `git status`.',
  async measure(context) {
    const figures = [await measureSize(context, 10_000)];
    if (context.extras.has('100k')) figures.push(await measureSize(context, 100_000));
    return figures;
  },
};

async function measureSize(context: BenchContext, files: number): Promise<Figure> {
  const { dir, node, runs, root } = context;
  const workspace = join(dir, `warm-${files}`);
  writeTaskWorkspace(workspace, files);
  const list = join(dir, `files-${files}`);
  writeFileSync(list, run({ argv: ['git', 'ls-files', '-z'], cwd: workspace }).replace(/\0$/, ''));
  const floors: Side[] = [
    { name: 'node -e 0', once: () => wallMs({ argv: [node, '-e', '0'] }) },
    {
      name: 'node and stat',
      once: () =>
        wallMs({ argv: [node, join(root, 'bench', 'in-process', 'stat-files.mjs'), list], cwd: workspace }),
    },
    { name: 'git status', once: () => wallMs({ argv: ['git', 'status', '--porcelain'], cwd: workspace }) },
  ];
  const sides = [ours(context, workspace), ...floors, ...peers(context, workspace)];
  const samples = await interleave(sides, files > 10_000 ? Math.min(runs, 5) : runs);
  const limit = Math.min(
    0.8 * sideOf(samples, 'turbo').median,
    files > 10_000 ? Number.POSITIVE_INFINITY : 1.7 * sideOf(samples, 'node and stat').median,
  );
  const text =
    files > 10_000 ? '<= 0.8 x turbo (native)' : '<= 0.8 x turbo (native) and <= 1.7 x node and stat';
  return figure(`warm run, ${STAGES} stages, ${files} files`, samples, { text, limit });
}

function ours({ secplan, dir, node }: BenchContext, workspace: string): Side {
  const command: Command = {
    argv: [...secplan, 'run', '--profile', 'bench', '--export-dir', join(dir, 'bundles')],
    cwd: workspace,
    env: { SECPLAN_CACHE_DIR: join(dir, 'cache'), PATH: searchPath(node) },
  };
  const once = () => wallMs(command);
  once();
  const bundle = join(dir, 'bundles', 'latest', 'summary.json');
  return {
    name: 'secplan run',
    once() {
      const ms = once();
      const { tools } = JSON.parse(readFileSync(bundle, 'utf8')) as { tools: { cached: boolean }[] };
      if (tools.length !== STAGES || !tools.every((tool) => tool.cached)) throw new Error('not all cached');
      rmSync(join(dir, 'bundles'), { recursive: true });
      return ms;
    },
  };
}

function peers({ dir, node }: BenchContext, workspace: string): Side[] {
  const modules = installPeers(join(dir, '..', 'secplan-bench-peers'));
  // Some look for themselves where the workspace's own dependencies would be.
  symlinkSync(modules, join(workspace, 'node_modules'));
  const env = {
    PATH: `${join(modules, '.bin')}${delimiter}${searchPath(node)}`,
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
    NX_DAEMON: 'false',
    NX_NO_CLOUD: 'true',
    NX_TUI: 'false',
    CI: '1',
    WIREIT_CACHE: 'local',
    WIREIT_LOGGER: 'quiet',
  };
  const parallel = String(cpus().length);
  const bin = (name: string) => join(modules, '.bin', name);
  const commands: Record<string, readonly string[]> = {
    turbo: [turboBinary(modules), 'run', 'scan', '--output-logs=none', `--concurrency=${parallel}`],
    nx: [node, bin('nx'), 'run-many', '-t', 'scan', `--parallel=${parallel}`],
    lage: [node, bin('lage'), 'scan', '--concurrency', parallel],
    wireit: ['npm', 'run', '--silent', 'scan'],
  };
  return Object.entries(commands).map(([name, argv]) => ({
    name,
    once: () => wallMs({ argv, cwd: workspace, env }),
  }));
}

function searchPath(node: string): string {
  return `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`;
}
