import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Diagnostic, diagnostic } from '../core/diagnostic.ts';
import { failed, type Outcome, success } from '../core/outcome.ts';
import { sealEntry } from '../lock/lock.ts';
import type { LockedPackage, LockedProvider, ToolsLock } from '../lock/lock-types.ts';
import type { Provider } from '../stages/contract/provider.ts';
import { housesFor, openHouseDiagnostic } from './house/in-house.ts';
import { MORE_HOSTS } from './house/installer-hosts.ts';
import { findUv } from './programs/find-uv.ts';
import { installerEnv } from './programs/installer-env.ts';
import type { Resolution, ResolveContext } from './resolve/context.ts';
import { type Attempt, problemDiagnostic, refuse, refusedVersion } from './shared/problem.ts';
import type { Store } from './shared/store.ts';

export interface LockToolsOptions {
  readonly store: Store;
  readonly lock: ToolsLock;
  readonly workspace: string | null;
  /** Host of the registry that images are pulled through. */
  readonly mirror?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** False: resolvers run as processes of this machine. */
  readonly sandboxed?: boolean | undefined;
  /** Maven: versions of what the package needs that go before those it names. */
  readonly held?: readonly Pick<LockedPackage, 'name' | 'version'>[] | undefined;
}

/** Resolves a provider of a tool, at a version or the newest, into exact packages with hashes. Installs nothing. SP5011 where that runs without a sandbox. */
export async function lockTool(
  tool: string,
  provider: Pick<Provider, 'name' | 'kind' | 'package' | 'fromModule' | 'keep' | 'sourceBuilds' | 'refused'>,
  version: string | undefined,
  options: LockToolsOptions,
): Promise<Outcome<LockedProvider>> {
  const kind = provider.kind;
  if (kind === 'path') {
    return failed([diagnostic('SP4002', `${tool}: a program on PATH cannot be pinned`)]);
  }
  const given = options.env ?? process.env;
  const env = installerEnv(given, options.workspace);
  const opened: Diagnostic[] = [];
  const houses = {
    env: { ...env, [MORE_HOSTS]: given[MORE_HOSTS] },
    sandboxed: options.sandboxed !== false,
    onOpen: (why: string) => void opened.push(openHouseDiagnostic(why)),
  };
  const inHouse = housesFor(houses, options.store.root);
  const scratch = await mkdtemp(join(tmpdir(), 'secplan-lock-'));
  try {
    const resolved = await inHouse({ kind, written: [scratch] }, (run, build) =>
      resolve(kind, {
        ...{ run, build },
        package: provider.package,
        ...(version === undefined ? {} : { version }),
        ...(provider.sourceBuilds === undefined ? {} : { sourceBuilds: provider.sourceBuilds }),
        scratch,
        env,
        workspace: options.workspace,
        ...(options.mirror === undefined ? {} : { mirror: options.mirror }),
        ...(options.held === undefined ? {} : { held: options.held }),
        uv: () => findUv({ ...options, env, offline: false, inHouse }),
      }),
    );
    const said = opened.slice(0, 1);
    if (!resolved.ok) return failed([...said, problemDiagnostic(tool, resolved.problem)]);
    const refused = refusedVersion(tool, provider, resolved.resolution.version);
    if (refused !== undefined) return failed([...said, problemDiagnostic(tool, refused.problem)]);
    const { package: name, fromModule, keep } = provider;
    return success(
      sealEntry({
        ...{ kind, package: name, ...resolved.resolution },
        ...(fromModule ? { fromModule } : {}),
        ...(keep ? { keep } : {}),
      }),
      said,
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function resolve(
  kind: Exclude<Provider['kind'], 'path'>,
  context: ResolveContext,
): Promise<Attempt<{ resolution: Resolution }>> {
  switch (kind) {
    case 'pypi':
      return (await import('./resolve/pypi.ts')).resolvePypi(context);
    case 'npm':
      return (await import('./resolve/npm.ts')).resolveNpm(context);
    case 'go':
      return (await import('./resolve/go.ts')).resolveGo(context);
    case 'debian':
      return (await import('./resolve/debian.ts')).resolveDebian(context);
    case 'maven':
      return (await import('./resolve/maven.ts')).resolveMaven(context);
    case 'image':
      return (await import('./resolve/image.ts')).resolveImage(context);
    default:
      return refuse('SP4003', `${kind} packages must be written into the lock by hand, with URL and sha256`);
  }
}
