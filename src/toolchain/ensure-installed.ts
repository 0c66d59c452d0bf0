import type { OnEvent } from '../executor/events.ts';
import type { LockedProvider, ToolsLock } from '../lock/lock-types.ts';
import type { Provider } from '../stages/contract/provider.ts';
import { housesFor, type InHouse, openHouseDiagnostic } from './house/in-house.ts';
import { MORE_HOSTS } from './house/installer-hosts.ts';
import { installLocked } from './installers/install.ts';
import { findGo } from './programs/find-go.ts';
import { findUv } from './programs/find-uv.ts';
import { installerEnv } from './programs/installer-env.ts';
import type { Carried } from './shared/carried.ts';
import { normalName } from './shared/normal-name.ts';
import { type Attempt, refuse } from './shared/problem.ts';
import { openEntry, type Store, type StoreEntry, type StoreRef } from './shared/store.ts';

export interface InstallOptions {
  readonly store: Store;
  readonly lock: ToolsLock;
  /** Nothing is fetched: what is not installed is SP4005. */
  readonly offline: boolean;
  /** False: installers run as processes of this machine, by the user's wish. */
  readonly sandboxed?: boolean;
  /** What is installed already is installed again. */
  readonly reinstall?: boolean;
  /** Downloads that were carried in: with them installers fetch nothing, whatever `offline` says. */
  readonly carried?: (tool: string, provider: string) => Promise<Carried | undefined>;
  /** Scanned tree, out of which nothing is ever started; null when there is none. */
  readonly workspace: string | null;
  readonly onEvent?: OnEvent;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  /** Milliseconds since the run's start, for events. */
  readonly elapsed?: () => number;
}

type Wanted = Pick<Provider, 'name' | 'bin' | 'thirdParty' | 'sourceBuilds'>;

/** The store's entry of a pinned tool, installed first where it is missing. Also what `secplan tools install` does. */
export async function ensureInstalled(
  tool: string,
  provider: Wanted,
  locked: LockedProvider,
  options: InstallOptions,
): Promise<Attempt<{ entry: StoreEntry; fresh: boolean }>> {
  const ref: StoreRef = { tool, provider: provider.name, version: locked.version, digest: locked.digest };
  if (options.reinstall !== true) {
    const present = await openEntry(options.store, ref);
    if (!present.ok) return present;
    if (present.entry) return { ok: true, entry: present.entry, fresh: false };
  }
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
  const outcome = await installInto(ref, { bin: provider.bin, locked, carried }, options);
  if (!outcome.ok) return outcome;
  const at = elapsed(options);
  options.onEvent?.({ type: 'installed', at, tool, ms: at - startedAt });
  return { ok: true, entry: outcome.entry, fresh: true };
}

function installInto(
  ref: StoreRef,
  what: { readonly bin: string; readonly locked: LockedProvider; readonly carried: Carried | undefined },
  options: InstallOptions,
): Promise<Attempt<{ entry: StoreEntry }>> {
  const { bin, locked, carried } = what;
  const { store, lock, offline, workspace, signal } = options;
  const env = installerEnv(options.env ?? process.env, workspace);
  const inHouse = housesOf(options);
  const common = { store, lock, env, workspace, offline, inHouse };
  return store.install(ref, async (dir, finalDir) => {
    const place = { kind: locked.kind, written: [dir], carried: carried?.dir } as const;
    const installed = await inHouse(place, (run, build) =>
      installLocked({
        ...{ locked, bin, dir, finalDir, env, workspace, run, build },
        ...(signal ? { signal } : {}),
        ...(carried ? { carried } : {}),
        uv: async () => findUv({ ...common, carried: await options.carried?.('uv', 'pypi') }),
        go: () => findGo(common),
      }),
    );
    // Only now: who is without network keeps what there was.
    if (options.reinstall === true && installed.ok) await store.remove(ref);
    return installed;
  });
}

/** In a sandbox where this machine has one that works and the user did not switch it off; else it is said. */
function housesOf(options: InstallOptions): InHouse {
  const given = options.env ?? process.env;
  const env = { ...installerEnv(given, null), [MORE_HOSTS]: given[MORE_HOSTS] };
  const onOpen = (why: string) => {
    const diagnostic = openHouseDiagnostic(why);
    options.onEvent?.({ type: 'diagnostic', at: elapsed(options), diagnostic });
  };
  return housesFor({ env, sandboxed: options.sandboxed !== false, onOpen }, options.store.root);
}

export function lockHint(tool: string): string {
  return `Pin it: secplan tools lock ${tool}.`;
}

export function elapsed(options: Pick<InstallOptions, 'elapsed'>): number {
  return Math.round((options.elapsed ?? (() => performance.now()))());
}
