import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { compileManifest } from '../../src/app/compile/compile-manifest.ts';
import type { ScanRequestOptions } from '../../src/app/contract/scan-option-types.ts';
import type { ScanOutcome } from '../../src/app/contract/scan-types.ts';
import { packageRoot } from '../../src/app/package/package-root.ts';
import { runScan } from '../../src/app/scan/run-scan.ts';
import { createPublishRedactor } from '../../src/core/redaction/redactor.ts';
import { cacheSeal } from '../../src/executor/cache/cache-seal.ts';
import { openCaches } from '../../src/executor/cache/open-caches.ts';
import { type RunResult, runPlan } from '../../src/executor/engine/run-plan.ts';
import type { OnEvent } from '../../src/executor/events.ts';
import { takeInventory } from '../../src/executor/inventory/take-inventory.ts';
import type { Runtime } from '../../src/executor/ports.ts';
import { createLocalRuntime } from '../../src/executor/runtimes/local/local-runtime.ts';
import { systemClock } from '../../src/io/clock.ts';
import { emptyLock, sealEntry, serializeLock, withEntry } from '../../src/lock/lock.ts';
import type { LockedProvider, ToolsLock } from '../../src/lock/lock-types.ts';
import type { Plan, ToolStage } from '../../src/planner/ir/ir.ts';
import { catalogue } from '../../src/stages/catalogue.gen.ts';
import type { Catalogue } from '../../src/stages/contract/catalogue.ts';
import type { Provider } from '../../src/stages/contract/provider.ts';
import { WORLD_FILES, WORLD_TARGETS } from '../../src/stages/kit/world-targets.ts';
import { createProvisioner } from '../../src/toolchain/provision.ts';
import { openStore } from '../../src/toolchain/shared/store.ts';
import { type ToolDouble, writeDouble } from './tool-double.ts';

const SEAL = cacheSeal('of the tests');

/** The id of the world's custom stage. */
export const CUSTOM = 'mine';

export interface Toolset {
  /** By tool id: the provider that the manifest names. */
  readonly providers: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** The manifest's entry for the custom stage; absent: none. */
  readonly custom?: Readonly<Record<string, unknown>>;
  /** What the tree holds besides `WORLD_FILES`, so that each of these tools has something to look at. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface DoubleWorld {
  readonly root: string;
  readonly workspace: string;
  readonly plan: Plan;
  /** Puts doubles into their own tool store; gives its folder. A tool that is not named is not installed. */
  store(doubles: Readonly<Record<string, ToolDouble>>): Promise<string>;
  /** Runs some stages with a store, in real sandboxes and with empty caches. */
  run(toolsDir: string, stages: readonly ToolStage[], over?: RunOver): Promise<RunResult>;
  /** A whole scan, as the command line starts one. */
  scan(toolsDir: string, over?: ScanOver): Promise<ScanOutcome>;
  dispose(): void;
}

export interface ScanOver {
  readonly options?: ScanRequestOptions;
  readonly env?: Readonly<Record<string, string>>;
  readonly onEvent?: OnEvent;
}

export interface RunOver {
  readonly catalogue?: Catalogue;
  /** Caches to share between runs; absolute. */
  readonly cacheDir?: string;
  readonly wrap?: (runtime: Runtime) => Runtime;
}

/** The lock that pins doubles: one version of each tool, from the provider that its case was recorded with. */
export function doubleLock(tools: Toolset, version = '1.0.0'): ToolsLock {
  return Object.entries(tools.providers).reduce((lock, [tool, provider]) => {
    const known = providerOf(tool, provider);
    // What PATH finds has no place in a lock.
    if (known?.kind === 'path') return lock;
    const entry: Omit<LockedProvider, 'digest'> = {
      kind: known?.kind === 'go' ? 'go' : 'pypi',
      package: known?.package ?? tool,
      version,
      packages: [
        {
          name: known?.package ?? tool,
          version,
          hashes: [known?.kind === 'go' ? `h1:${'A'.repeat(43)}=` : `sha256:${'0'.repeat(64)}`],
        },
      ],
    };
    return withEntry(lock, tool, provider, sealEntry(entry));
  }, emptyLock());
}

function providerOf(tool: string, provider: string): Provider | undefined {
  return catalogue.get(tool)?.providers.find(({ name }) => name === provider);
}

/** The manifest of a world: every tool of the set, and no other. */
export function doubleManifest(tools: Toolset): Record<string, unknown> {
  const settings = Object.entries(tools.providers).map(([tool, provider]) => [
    tool,
    { provider, ...(tools.options[tool] === undefined ? {} : { options: tools.options[tool] }) },
  ]);
  const custom = tools.custom === undefined ? {} : { [CUSTOM]: tools.custom };
  return {
    apiVersion: 'secplan/v1',
    metadata: { name: 'doubles' },
    targets: targetsOf([...Object.keys(tools.providers)]),
    tools: { ...Object.fromEntries(settings), custom },
    profiles: { doubles: { tools: { enable: [...Object.keys(tools.providers), ...Object.keys(custom)] } } },
  };
}

/** Of the world's targets those that these tools look at: others would be listed as not looked at. */
function targetsOf(ids: readonly string[]): Partial<typeof WORLD_TARGETS> {
  const lists = {
    privacy: 'privacy',
    image: 'images',
    http: 'http',
    iac: 'iac',
    binary: 'binaries',
    kubernetes: 'kubernetes',
    cloud: 'cloud',
    fuzz: 'fuzz',
    source: 'source',
    none: undefined,
  } as const;
  const kinds = ids.flatMap((id) => catalogue.get(id)?.requires.target ?? []);
  const wanted = new Set<string | undefined>(['source', 'privacy', ...kinds.map((kind) => lists[kind])]);
  return Object.fromEntries(Object.entries(WORLD_TARGETS).filter(([list]) => wanted.has(list)));
}

/** A workspace with a manifest whose tools come out of a store of doubles. */
export async function doubleWorld(tools: Toolset): Promise<DoubleWorld> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'secplan-test-')));
  const workspace = join(root, 'workspace');
  for (const [path, text] of Object.entries({ ...WORLD_FILES, ...tools.files }))
    write(join(workspace, path), text);
  const lock = doubleLock(tools);
  for (const program of ['scan.sh', 'fuzz/parser']) chmodSync(join(workspace, program), 0o755);
  write(join(workspace, 'tools.lock.json'), serializeLock(lock));
  write(join(workspace, 'secplan.json'), JSON.stringify(doubleManifest(tools)));
  const compiled = await compileManifest({ cwd: workspace, profile: 'doubles' });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.diagnostics));
  const { plan } = compiled.value;
  const databases = carriedDatabases(root);
  let made = 0;

  async function store(doubles: Readonly<Record<string, ToolDouble>>): Promise<string> {
    made += 1;
    const dir = join(root, `tools-${made}`);
    await fillStore(dir, lock, tools, doubles);
    return dir;
  }

  async function run(toolsDir: string, stages: readonly ToolStage[], over: RunOver = {}): Promise<RunResult> {
    made += 1;
    const opened = await openCaches(over.cacheDir ?? join(root, `cache-${made}`), workspace, SEAL);
    if (!opened.ok) throw new Error(JSON.stringify(opened.diagnostics));
    const caches = opened.value;
    const taken = await takeInventory({ root: workspace, indexFile: caches.indexFile });
    if (!taken.ok) throw new Error(JSON.stringify(taken.diagnostics));
    const workDir = join(root, `work-${made}`);
    mkdirSync(workDir);
    const local = createLocalRuntime({ sandbox: 'bubblewrap' });
    // Doubles need neither privileges nor a network.
    const granting: Runtime = {
      name: local.name,
      notEnforced: local.notEnforced,
      readsAsOther: local.readsAsOther === true,
      execute: (invocation) => local.execute(invocation),
      close: () => local.close(),
      grants: new Set(stages.flatMap((stage) => stage.privileges ?? [])),
    };
    try {
      return await runPlan(
        { ...plan, stages: stages.map((stage) => ({ ...stage, network: 'none' as const })) },
        {
          runtime: over.wrap?.(granting) ?? granting,
          sandboxed: true,
          provisioner: createProvisioner({
            store: openStore(toolsDir),
            lock,
            offline: true,
            locked: false,
            workspace,
            env: { PATH: join(toolsDir, 'bin') },
          }),
          inventory: taken.value,
          caches,
          catalogue: over.catalogue ?? catalogue,
          clock: systemClock,
          signal: new AbortController().signal,
          workDir,
          packageRoot: packageRoot(),
          platform: 'test',
          secrets: {},
          databases,
          publishRedactor: createPublishRedactor([]),
          limits: { cpus: 4, memoryMb: 16_384 },
          onEvent: () => {},
        },
      );
    } finally {
      await local.close();
      await taken.value.flush();
    }
  }

  return {
    root,
    workspace,
    plan,
    store,
    run,
    scan: (toolsDir, over = {}) =>
      runScan({
        cwd: workspace,
        env: { ...surroundings(root, toolsDir), ...over.env },
        signal: new AbortController().signal,
        onEvent: over.onEvent ?? (() => {}),
        now: Date.now,
        options: {
          profile: 'doubles',
          offline: true,
          trustWorkspace: true,
          databases: join(root, 'databases'),
          ...over.options,
        },
      }),
    dispose: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** The environment in which secplan finds a store's doubles and keeps its caches below a folder. */
export function surroundings(root: string, toolsDir: string): Record<string, string> {
  return {
    PATH: `${join(toolsDir, 'bin')}:/usr/bin:/bin`,
    HOME: root,
    SECPLAN_TOOLS_DIR: toolsDir,
    SECPLAN_CACHE_DIR: join(root, 'cache'),
  };
}

/** Installs doubles as the lock's tools. */
export async function fillStore(
  dir: string,
  lock: ToolsLock,
  tools: Toolset,
  doubles: Readonly<Record<string, ToolDouble>>,
): Promise<void> {
  const onPath = new Map<string, ToolDouble>();
  for (const [tool, double] of Object.entries(doubles)) {
    if (tool === CUSTOM) {
      // A custom stage is started by `env`, as PATH finds it.
      writeDouble(join(dir, 'bin', 'env'), double);
      continue;
    }
    const provider = tools.providers[tool] ?? '';
    const known = providerOf(tool, provider);
    if (known?.kind === 'path') {
      // Two tools may be started by one program: its double knows the steps of both.
      const before = onPath.get(known.bin);
      const both = { ...double, steps: [...(before?.steps ?? []), ...double.steps] };
      onPath.set(known.bin, both);
      writeDouble(join(dir, 'bin', known.bin), both);
      continue;
    }
    const locked = lock.tools[tool]?.[provider];
    if (locked === undefined) throw new Error(`the lock has no ${tool} from ${provider}`);
    const ref = { tool, provider, version: locked.version, digest: locked.digest };
    const installed = await openStore(dir).install(ref, async (folder) => {
      writeDouble(join(folder, 'double'), double);
      return { ok: true, built: { executable: 'double', mounts: [], env: {}, host: {} } };
    });
    if (!installed.ok) throw new Error(installed.problem.detail);
  }
}

/** One small folder for each database of the catalogue. */
function carriedDatabases(root: string): ReadonlyMap<string, string> {
  const ids = [...catalogue].filter(([, { kind }]) => kind === 'database').map(([id]) => id);
  mkdirSync(join(root, 'databases'), { recursive: true });
  for (const id of ids) write(join(root, 'databases', id, 'content'), `${id}\n`);
  return new Map(ids.map((id) => [id, join(root, 'databases', id)]));
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
