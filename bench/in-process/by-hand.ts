import { spawn } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { compileManifest } from '../../src/app/compile/compile-manifest.ts';
import { packageRoot } from '../../src/app/package/package-root.ts';
import { toolStages } from '../../src/app/plan-facts/tool-stages.ts';
import { createStoreRedactor } from '../../src/core/redaction/redactor.ts';
import { stageFileName } from '../../src/core/stage-file-name.ts';
import { selectInput } from '../../src/executor/inventory/select-input.ts';
import { takeInventory } from '../../src/executor/inventory/take-inventory.ts';
import type { StageInvocation } from '../../src/executor/ports.ts';
import { hostPlaces, resolveStep } from '../../src/executor/runtimes/shared/resolve-argv.ts';
import { createProvisioner } from '../../src/toolchain/provision.ts';
import { openStore, toolsDir } from '../../src/toolchain/shared/store.ts';

// node bench/in-process/by-hand.ts WORKSPACE OUT -> {"ms": …, "scanners": […]}: the light profile's scanners, each with
// the arguments that secplan gives it, started at once as a shell script would, without sandbox, cache or report.
const [workspace = '', out = ''] = process.argv.slice(2);
const compiled = await compileManifest({ cwd: workspace, profile: 'light' });
const inventory = await takeInventory({ root: workspace, indexFile: join(out, 'index') });
if (!compiled.ok || !inventory.ok) throw new Error('the workspace does not compile');
const provisioner = createProvisioner({
  store: openStore(toolsDir(process.env)),
  lock: compiled.value.lock,
  offline: true,
  locked: false,
  workspace,
});
const jobs: (() => Promise<void>)[] = [];
const scanners: string[] = [];
for (const stage of toolStages(compiled.value.plan)) {
  const { selection, excludedByManifest, target } = stage;
  const targetPath = target.path ?? '.';
  const input = await selectInput(inventory.value, { selection, excludedByManifest, targetPath });
  const provisioned = await provisioner.provision(stage);
  if (input.files.length === 0 || !provisioned.ok) continue;
  const dir = join(out, stageFileName(stage.id));
  for (const folder of ['out', 'tmp/home']) mkdirSync(join(dir, folder), { recursive: true });
  const invocation: StageInvocation = {
    stage,
    tool: provisioned.tool,
    input,
    sourceDir: workspace,
    outDir: join(dir, 'out'),
    logDir: dir,
    assets: Object.fromEntries(
      Object.entries(stage.assets).map(([name, { path }]) => [name, join(packageRoot(), path)]),
    ),
    artifacts: new Map(),
    secrets: {},
    redactor: createStoreRedactor([]),
    signal: new AbortController().signal,
  };
  scanners.push(stage.id);
  jobs.push(async () => {
    for (const step of invocation.tool.provider.steps) {
      const { argv, env } = resolveStep(step, invocation, hostPlaces(invocation, join(dir, 'tmp')));
      await start(argv, env, dir, step.id);
    }
  });
}
const begin = performance.now();
await Promise.all(jobs.map((job) => job()));
console.log(JSON.stringify({ ms: performance.now() - begin, scanners }));

function start(argv: readonly string[], env: Readonly<Record<string, string>>, dir: string, step: string) {
  const [program = '', ...args] = argv;
  const log = (name: string): number => openSync(join(dir, `${step}.${name}`), 'w');
  const child = spawn(program, args, {
    cwd: workspace,
    env: { ...env },
    stdio: ['ignore', log('stdout'), log('stderr')],
  });
  return new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve());
  });
}
