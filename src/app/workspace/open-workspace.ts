import { isAbsolute, join, resolve } from 'node:path';
import { MANIFEST_NAMES } from '../../compiler/read/read.ts';
import { DEFAULT_BASELINE } from '../../compiler/resolve/check-policy-files.ts';
import { diagnostic } from '../../core/diagnostic.ts';
import { failed, type Outcome, success } from '../../core/outcome.ts';
import { openCacheSeal } from '../../executor/cache/cache-seal.ts';
import { foreignCache } from '../../executor/cache/foreign-cache.ts';
import { type Caches, cacheDir, openCaches } from '../../executor/cache/open-caches.ts';
import { type InventoryRequest, takeInventory } from '../../executor/inventory/take-inventory.ts';
import type { WorkspaceInventory } from '../../executor/inventory/types.ts';
import { catalogue } from '../../stages/catalogue.gen.ts';
import { toolStages } from '../plan-facts/tool-stages.ts';
import type { PreparedScan } from '../prepare/prepare-scan.ts';
import { DEFAULT_EXPORT_DIR } from './find-bundle.ts';

/** What a run, and `why` without one, see of a workspace. */
export interface OpenWorkspace {
  /** Absolute. */
  readonly exportDir: string;
  readonly caches: Caches;
  readonly inventory: WorkspaceInventory;
}

interface Place {
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly exportDir: string | undefined;
  readonly listing?: InventoryRequest['listing'] | undefined;
}

/** Opens the cache (the environment's folder, else the manifest's) and takes the inventory: SP5002, SP5007, SP5085 to SP5087, SP2012. */
export async function openWorkspace(
  prepared: Pick<PreparedScan, 'plan' | 'workspace' | 'cacheDir' | 'manifest'>,
  { cwd, env, exportDir: named, listing }: Place,
): Promise<Outcome<OpenWorkspace>> {
  const { plan, workspace, cacheDir: own } = prepared;
  const cache =
    env.SECPLAN_CACHE_DIR || own === undefined ? cacheDir(env) : isAbsolute(own) ? own : join(workspace, own);
  const foreign = await foreignCache(cache, workspace, listing);
  if (foreign !== undefined) {
    const help = 'Remove its files from the repository and add it to .gitignore, or choose another folder.';
    return failed([diagnostic('SP5085', `the cache folder is not used: ${foreign}`, { help })]);
  }
  const seal = openCacheSeal(env, workspace);
  if (!seal.ok) return seal;
  const caches = await openCaches(cache, workspace, seal.value);
  if (!caches.ok) return caches;
  const exportDir = resolve(cwd, named ?? join(workspace, DEFAULT_EXPORT_DIR));
  const policyFiles = new Set(policyPaths(prepared));
  const inventory = await takeInventory({
    root: workspace,
    named: namedPaths(plan, policyFiles),
    policyFiles,
    exportDir,
    cacheDir: cache,
    indexFile: caches.value.indexFile,
    ...(listing === undefined ? {} : { listing }),
  });
  if (!inventory.ok) return inventory;
  return success({ exportDir, caches: caches.value, inventory: inventory.value }, [
    ...seal.diagnostics,
    ...caches.diagnostics,
    ...inventory.diagnostics,
  ]);
}

/** The files that decide how results are judged. A plan file does not say which manifest it was made from: then by their names. */
function policyPaths({ plan, manifest }: Pick<PreparedScan, 'plan' | 'manifest'>): string[] {
  const { baseline, vex = [], exploited } = plan.policy;
  const named = [baseline, ...vex, exploited?.kev, exploited?.epss];
  return [
    ...MANIFEST_NAMES,
    DEFAULT_BASELINE,
    ...manifest.sources.map(({ path }) => path),
    ...named.flatMap((file) => (file === undefined ? [] : [typeof file === 'string' ? file : file.path])),
  ];
}

/** What targets other than the source name, and policy files that are a stage's inputs by their very name: scanned all the same. */
function namedPaths(plan: PreparedScan['plan'], policyFiles: ReadonlySet<string>): string[] {
  return toolStages(plan).flatMap(({ target: { kind, path, details = {} }, definition, selection }) => {
    if (kind === 'source') return selection.include.filter((glob) => policyFiles.has(glob));
    const files = catalogue.get(definition)?.requires.files ?? [];
    const named = files.flatMap((name) => (typeof details[name] === 'string' ? [details[name]] : []));
    return path === undefined ? named : [path, ...named];
  });
}
