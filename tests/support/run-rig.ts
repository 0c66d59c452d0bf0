import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { digestOf } from '../../src/core/canonical.ts';
import type { ParsedFinding } from '../../src/core/finding.ts';
import { createPublishRedactor } from '../../src/core/redaction/redactor.ts';
import { cacheSeal } from '../../src/executor/cache/cache-seal.ts';
import { openCaches } from '../../src/executor/cache/open-caches.ts';
import { type RunPlanDeps, type RunResult, runPlan } from '../../src/executor/engine/run-plan.ts';
import type { RunEvent } from '../../src/executor/events.ts';
import { takeInventory } from '../../src/executor/inventory/take-inventory.ts';
import type { ToolProvisioner } from '../../src/executor/ports.ts';
import { systemClock } from '../../src/io/clock.ts';
import type { Plan, ToolStage } from '../../src/planner/ir/ir.ts';
import type { Catalogue, CatalogueEntry } from '../../src/stages/contract/catalogue.ts';
import type { FakeRuntime } from './fake-runtime.ts';
import { type FakeScanner, fakeEntry, fakeScanner } from './fake-scanner.ts';

const SEAL = cacheSeal('of the tests');

/** A report of a made-up tool. */
export function report(findings: readonly ParsedFinding[] = [], examined = 1): string {
  return JSON.stringify({ findings, examined });
}

export const CLEAN = { 'report.json': report() };

export function planOf(stages: readonly ToolStage[]): Plan {
  return {
    schema: 'https://secplan.dev/schema/plan/v1',
    secplan: '0',
    profile: 'test',
    name: 'test',
    stages: [...stages].sort((a, b) => (a.id < b.id ? -1 : 1)),
    policy: {
      budgets: { origin: 'built-in', overall: {}, perTool: {}, perCategory: {}, perTarget: {} },
      waivers: [],
      onIncomplete: 'fail',
      coverageRequire: [],
      slaMs: null,
      enforceSla: false,
    },
    notPlanned: [],
    sourceExclude: [],
    labels: {},
    origins: {},
    planDigest: digestOf(stages.map((stage) => stage.id).join()),
  };
}

export const provisioner: ToolProvisioner = {
  async provision(stage) {
    const provider = stage.providers[0];
    if (provider === undefined) return { ok: false, failure: { reason: 'tool-missing', detail: 'none' } };
    const digest = provider.digest ?? digestOf('tool');
    return {
      ok: true,
      tool: {
        provider,
        executable: '/usr/bin/true',
        mounts: [],
        env: {},
        digest,
        version: '1.0',
        pinned: true,
      },
    };
  },
};

export interface Bench {
  readonly root: string;
  readonly workspace: string;
  readonly cacheDir: string;
  write(path: string, text: string): void;
  /** One whole run over the workspace as it is now, with its own inventory. */
  run(
    stages: readonly ToolStage[],
    runtime: FakeRuntime,
    over?: Partial<RunPlanDeps>,
  ): Promise<RunResult & { events: readonly RunEvent[] }>;
  dispose(): void;
}

/** A workspace and a cache on disk, and a way to run plans over them with a fake runtime. */
export function bench(
  files: Readonly<Record<string, string>> = { 'a.py': 'x = 1\n' },
  definitions: Readonly<Record<string, Partial<FakeScanner>>> = {},
): Bench {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'secplan-test-')));
  const workspace = join(root, 'workspace');
  const cacheDir = join(root, 'cache');
  mkdirSync(workspace);
  let runs = 0;

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(workspace, path)), { recursive: true });
    writeFileSync(join(workspace, path), text);
  }
  for (const [path, text] of Object.entries(files)) write(path, text);

  return {
    root,
    workspace,
    cacheDir,
    write,
    dispose: () => rmSync(root, { recursive: true, force: true }),
    async run(stages, runtime, over = {}) {
      const opened = await openCaches(cacheDir, workspace, SEAL);
      if (!opened.ok) throw new Error('no cache');
      const caches = opened.value;
      const taken = await takeInventory({ root: workspace, indexFile: caches.indexFile });
      if (!taken.ok) throw new Error('no inventory');
      const events: RunEvent[] = [];
      runs += 1;
      const workDir = join(root, `work-${runs}`);
      mkdirSync(workDir);
      const result = await runPlan(planOf(stages), {
        runtime,
        sandboxed: true,
        provisioner,
        inventory: taken.value,
        caches,
        catalogue: catalogueOf(stages, definitions),
        clock: systemClock,
        signal: new AbortController().signal,
        workDir,
        packageRoot: root,
        platform: 'test',
        secrets: {},
        publishRedactor: createPublishRedactor(Object.values(over.secrets ?? {})),
        limits: { cpus: 4, memoryMb: 8192 },
        onEvent: (event) => events.push(event),
        ...over,
      });
      await taken.value.flush();
      return { ...result, events };
    },
  };
}

function catalogueOf(
  stages: readonly ToolStage[],
  definitions: Readonly<Record<string, Partial<FakeScanner>>>,
): Catalogue {
  const entries = new Map<string, CatalogueEntry>();
  for (const stage of stages) {
    const fake = fakeScanner(stage.definition, {
      severities: { error: 'high' },
      ...definitions[stage.definition],
    });
    entries.set(stage.definition, fakeEntry(fake, { definitionDigest: stage.definitionDigest }));
  }
  return entries;
}
