import { readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { interleave, run, type Side, wallMs } from '../measure.ts';
import { type BenchContext, type Figure, figure, type Row, sideOf } from '../row.ts';
import { STAGES, touchTasks, writeTaskWorkspace } from '../task-workspace.ts';

/** What secplan may add to the SDK's import, milliseconds. */
const AFTER_IMPORT_MS = 600;

export const dagger: Row = {
  id: 'dagger',
  about:
    'Whole process on a real Dagger engine (SECPLAN_TEST_DAGGER, SECPLAN_TEST_DAGGER_IMAGES): 60 custom stages in a base image pinned by digest, secplan’s own cache empty each time, a new session each time; first all in the engine’s cache, then all new. Beside it a program that only imports the SDK, and one that also runs 60 commands in one session.',
  async measure(context) {
    const { SECPLAN_TEST_DAGGER: engine, SECPLAN_TEST_DAGGER_IMAGES: images } = process.env;
    if (!engine || !images) {
      console.error('SKIPPED: dagger: SECPLAN_TEST_DAGGER and SECPLAN_TEST_DAGGER_IMAGES name no engine');
      return [];
    }
    const { debian } = JSON.parse(readFileSync(images, 'utf8')) as { debian: string };
    return measureOn(context, engine, debian);
  },
};

async function measureOn(context: BenchContext, engine: string, image: string) {
  const { dir, node, root, runs, secplan, installed } = context;
  // The SDK is an optional peer: here it is installed beside secplan, as the user would. No other row needs it.
  symlinkSync(join(root, 'node_modules/@dagger.io'), join(installed.modules, '@dagger.io'));
  const workspace = join(dir, 'dagger');
  writeTaskWorkspace(workspace, 1_000);
  const env = { _EXPERIMENTAL_DAGGER_RUNNER_HOST: engine, SECPLAN_DAGGER_BASE_IMAGE: image };
  const scratch = (name: string) => join(dir, 'dagger-scratch', name);
  const ours = (fresh: boolean): Side => ({
    name: 'secplan run --runtime dagger',
    once() {
      rmSync(join(dir, 'dagger-scratch'), { recursive: true, force: true });
      if (fresh) touchTasks(workspace, crypto.randomUUID());
      const argv = [...secplan, 'run', '--profile', 'bench', '--runtime', 'dagger'];
      const ms = wallMs({
        argv: [...argv, '--export-dir', scratch('bundles')],
        cwd: workspace,
        env: { ...env, SECPLAN_CACHE_DIR: scratch('cache') },
      });
      const summary = readFileSync(join(scratch('bundles'), 'latest', 'summary.json'), 'utf8');
      const { tools } = JSON.parse(summary) as { tools: { cached: boolean }[] };
      if (tools.length !== STAGES || tools.some(({ cached }) => cached))
        throw new Error('not what was meant');
      return ms;
    },
  });
  const script = join(root, 'bench', 'in-process', 'dagger-sdk.ts');
  const sdk = (name: string, ...args: string[]): Side => ({
    name,
    once: () => wallMs({ argv: [node, script, ...args], env }),
  });
  const version = run({ argv: [node, script, 'version'], env }).trim();
  const imported = sdk('import of the SDK', 'import');
  const bare = (tag: () => string): Side => ({
    name: `SDK, ${STAGES} commands`,
    once: () => sdk('', 'execs', image, tag(), String(STAGES)).once(),
  });
  const cached = await interleave([ours(false), bare(() => 'same'), imported], runs);
  const fresh = await interleave([ours(true), bare(() => crypto.randomUUID()), imported], Math.min(runs, 5));
  const limit = sideOf(cached, 'import of the SDK').median + AFTER_IMPORT_MS;
  const figures: Figure[] = [
    figure(`dagger ${version}, ${STAGES} stages all cached by the engine`, cached, {
      text: `<= import of the SDK + ${AFTER_IMPORT_MS} ms`,
      limit,
    }),
    figure(`dagger ${version}, ${STAGES} new stages`, fresh),
  ];
  return figures;
}
