import { join } from 'node:path';
import { digestOf, digestOfJson } from '../core/canonical.ts';
import type { OnEvent } from '../executor/events.ts';
import type { ReadyTool, ToolProvisioner } from '../executor/ports.ts';
import { pinnedImage } from '../lock/base-image.ts';
import type { LockedProvider, ToolsLock } from '../lock/lock-types.ts';
import type { PlannedProvider, ToolStage } from '../planner/ir/ir.ts';
import { isOwnScript } from '../stages/contract/own-script.ts';
import type { Provider } from '../stages/contract/provider.ts';
import { usableOn } from '../stages/contract/usable-on.ts';
import { installLocked } from './installers/install.ts';
import { findGo } from './programs/find-go.ts';
import { findUv } from './programs/find-uv.ts';
import { installerEnv } from './programs/installer-env.ts';
import { findPathTool } from './programs/path-tool.ts';
import type { Carried } from './shared/carried.ts';
import { normalName } from './shared/normal-name.ts';
import { type Attempt, problemDiagnostic, problemFailure, refuse } from './shared/problem.ts';
import { openEntry, type Store, type StoreEntry, type StoreRef } from './shared/store.ts';

export interface ProvisionerOptions {
  readonly store: Store;
  readonly lock: ToolsLock;
  /** Nothing is fetched: what is not installed is SP4005. */
  readonly offline: boolean;
  /** What is installed already is installed again. */
  readonly reinstall?: boolean;
  /** What the lock does not pin is SP4002. */
  readonly locked: boolean;
  /** Downloads that were carried in: with them installers fetch nothing, whatever `offline` says. */
  readonly carried?: (tool: string, provider: string) => Promise<Carried | undefined>;
  /** Whether the manifest itself says what tools of a definition run. Absent: of none. */
  readonly isUserDefined?: (definition: string) => boolean;
  /** Scanned tree, out of which nothing is ever started; null when there is none. */
  readonly workspace: string | null;
  /** Absent: this machine. */
  readonly place?: ToolPlace;
  readonly onEvent?: OnEvent;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  /** Milliseconds since the run's start, for events. */
  readonly elapsed?: () => number;
}

/** Makes tools ready: from the store, else installed into it once, however many stages ask for them at a time. */
export function createProvisioner(options: ProvisionerOptions): ToolProvisioner {
  const pending = new Map<string, Promise<Attempt<{ tool: ReadyTool }>>>();
  return {
    async provision(stage: ToolStage) {
      const planned = pickProvider(stage, options.place);
      const key = planned
        ? digestOfJson([stage.definition, planned.provider, planned.version, planned.digest])
        : '';
      let attempt = pending.get(key);
      if (!attempt || !planned) {
        attempt = planned
          ? makeReady(stage.definition, planned, options)
          : Promise.resolve(
              refuse(
                'SP4002',
                `${stage.tool} has no ${options.place?.runtime ?? 'local'} provider that tools.lock.json pins, and a program on PATH is not allowed`,
                `Pin one: secplan tools lock ${stage.tool}.`,
              ),
            );
        pending.set(key, attempt);
      }
      const outcome = await attempt;
      // One tool for many stages, and each stage's own steps: those that asked first are not those of the others.
      if (outcome.ok && planned) return { ok: true, tool: { ...outcome.tool, provider: planned } };
      if (outcome.ok) return outcome;
      return { ok: false, failure: problemFailure(outcome.problem) };
    },
  };
}

/** Where tools are to run. */
export interface ToolPlace {
  readonly runtime: 'local' | 'dagger';
  /** Whether what this machine installs can run there: containers take nothing that is not Linux's. */
  readonly packages: boolean;
}

const HERE: ToolPlace = { runtime: 'local', packages: true };

/**
 * The first provider that the plan lists with a pin, or as a program on PATH, and that can run at a place. An image that
 * the manifest names by tag does too.
 */
export function pickProvider(
  { providers }: Pick<ToolStage, 'providers'>,
  { runtime, packages }: ToolPlace = HERE,
): PlannedProvider | undefined {
  const usable = providers.filter(
    ({ provider }) => usableOn(provider, runtime) && (packages || provider.runtime === 'dagger'),
  );
  const first = usable[0];
  // Only one that the manifest names stands before pinned ones without being pinned itself: no other is to stand in.
  if (first !== undefined && !canStart(first) && usable.some(({ digest }) => digest !== null))
    return undefined;
  return usable.find(canStart);
}

function canStart({ provider, digest, version }: PlannedProvider): boolean {
  return digest !== null || provider.kind === 'path' || (provider.kind === 'image' && version !== null);
}

async function makeReady(
  tool: string,
  planned: PlannedProvider,
  options: ProvisionerOptions,
): Promise<Attempt<{ tool: ReadyTool }>> {
  const attempt = await readied(tool, planned, options);
  if (!attempt.ok) {
    const diagnostic = problemDiagnostic(tool, attempt.problem);
    options.onEvent?.({ type: 'diagnostic', at: elapsed(options), diagnostic });
  }
  return attempt;
}

function readied(
  tool: string,
  planned: PlannedProvider,
  options: ProvisionerOptions,
): Promise<Attempt<{ tool: ReadyTool }>> {
  switch (planned.provider.kind) {
    case 'path':
      return fromPath(tool, planned, options);
    case 'image':
      return Promise.resolve(fromImage(tool, planned, options));
    default:
      return fromStore(tool, planned, options);
  }
}

function never(): boolean {
  return false;
}

/** Nothing is fetched here: the engine does that, by digest where there is one. */
function fromImage(
  tool: string,
  planned: PlannedProvider,
  { lock, locked: strict, isUserDefined = never }: ProvisionerOptions,
): Attempt<{ tool: ReadyTool }> {
  const { provider, version, digest: pinned } = planned;
  const locked = lock.tools[tool]?.[provider.name];
  const agreed = locked !== undefined && locked.digest === pinned;
  // A user's own image is pinned by the manifest, which is where the plan has it from.
  const byManifest = pinned !== null && isUserDefined(tool);
  if (strict && !agreed && !byManifest) {
    return refuse('SP4002', `tools.lock.json does not pin ${tool} from ${provider.name}`, lockHint(tool));
  }
  const own = pinned === null ? `${provider.package}:${version}` : `${provider.package}@${pinned}`;
  const image = agreed ? pinnedImage(locked) : own;
  return {
    ok: true,
    tool: {
      provider: planned,
      executable: provider.bin,
      mounts: [],
      env: {},
      digest: pinned ?? digestOf(image),
      version,
      pinned: pinned !== null,
      image,
    },
  };
}

async function fromPath(
  tool: string,
  planned: PlannedProvider,
  options: ProvisionerOptions,
): Promise<Attempt<{ tool: ReadyTool }>> {
  if (options.locked && !isOwnScript(planned.provider)) {
    return refuse(
      'SP4002',
      `${tool} comes from PATH, which tools.lock.json cannot pin`,
      'Run without --locked.',
    );
  }
  const found = await findPathTool(planned.provider.bin, options.env ?? process.env, options.workspace);
  if (!found.ok) return found;
  return { ok: true, tool: { provider: planned, ...found.tool, env: {}, pinned: false } };
}

async function fromStore(
  tool: string,
  planned: PlannedProvider,
  options: ProvisionerOptions,
): Promise<Attempt<{ tool: ReadyTool }>> {
  const locked = options.lock.tools[tool]?.[planned.provider.name];
  if (!locked) {
    return refuse(
      'SP4002',
      `tools.lock.json does not pin ${tool} from ${planned.provider.name}`,
      lockHint(tool),
    );
  }
  if (locked.digest !== planned.digest) {
    return refuse(
      'SP4002',
      `the plan was compiled for ${tool} ${planned.version}, tools.lock.json pins ${locked.version}`,
      'Compile the plan again, or restore the lock file it was compiled with.',
    );
  }
  const installed = await ensureInstalled(tool, planned.provider, locked, options);
  if (!installed.ok) return installed;
  const { dir, ready } = installed.entry;
  // Where the interpreter lies is the machine's business; its version is what results depend on.
  const { interpreter: _, ...host } = ready.host;
  return {
    ok: true,
    tool: {
      provider: planned,
      executable: join(dir, ready.executable),
      mounts: [dir, ...ready.mounts],
      env: ready.env,
      digest: locked.digest,
      version: locked.version,
      pinned: true,
      host,
    },
  };
}

const NOT_INSTALLED = { ok: true, entry: undefined } as const;

/** The store's entry of a pinned tool, installed first where it is missing. Also what `secplan tools install` does. */
export async function ensureInstalled(
  tool: string,
  provider: Pick<Provider, 'name' | 'bin' | 'thirdParty' | 'sourceBuilds'>,
  locked: LockedProvider,
  options: ProvisionerOptions,
): Promise<Attempt<{ entry: StoreEntry; fresh: boolean }>> {
  const { store, workspace } = options;
  const ref: StoreRef = { tool, provider: provider.name, version: locked.version, digest: locked.digest };
  const reinstall = options.reinstall === true;
  const present = reinstall ? NOT_INSTALLED : await openEntry(store, ref);
  if (!present.ok) return present;
  if (present.entry) return { ok: true, entry: present.entry, fresh: false };
  const carried = await options.carried?.(tool, provider.name);
  if (options.offline && carried === undefined) {
    const why =
      options.carried === undefined ? '--offline forbids downloading it' : 'the bundle does not contain it';
    return refuse('SP4005', `${tool} ${locked.version} is not installed and ${why}`);
  }
  // A lock alone, which may be the workspace's own, does not decide that code of a package is run.
  const built = locked.packages.find(
    ({ name, source }) => source === true && !provider.sourceBuilds?.includes(normalName(name)),
  );
  if (built !== undefined) {
    const why = `${tool} from ${provider.name} does not declare that ${built.name} may be built from source`;
    return refuse('SP4002', why, lockHint(tool));
  }
  const startedAt = elapsed(options);
  options.onEvent?.({
    type: 'installing',
    at: startedAt,
    tool,
    version: locked.version,
    from: `${locked.kind}:${locked.package}`,
    thirdParty: provider.thirdParty ?? null,
  });
  const env = installerEnv(options.env ?? process.env, workspace);
  const { lock, offline } = options;
  const outcome = await store.install(ref, async (dir, finalDir) => {
    const installed = await installLocked({
      locked,
      bin: provider.bin,
      dir,
      finalDir,
      env,
      workspace,
      ...(options.signal ? { signal: options.signal } : {}),
      ...(carried ? { carried } : {}),
      uv: async () =>
        findUv({ store, lock, env, workspace, offline, carried: await options.carried?.('uv', 'pypi') }),
      go: () => findGo({ store, lock, env, workspace, offline }),
    });
    // Only now: who is without network keeps what there was.
    if (reinstall && installed.ok) await store.remove(ref);
    return installed;
  });
  if (!outcome.ok) return outcome;
  const at = elapsed(options);
  options.onEvent?.({ type: 'installed', at, tool, ms: at - startedAt });
  return { ok: true, entry: outcome.entry, fresh: true };
}

function lockHint(tool: string): string {
  return `Pin it: secplan tools lock ${tool}.`;
}

function elapsed(options: ProvisionerOptions): number {
  return Math.round((options.elapsed ?? (() => performance.now()))());
}
