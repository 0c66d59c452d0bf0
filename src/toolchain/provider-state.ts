import type { LockedProvider, ToolsLock } from '../lock/lock-types.ts';
import { releaseFileFor } from '../lock/release-files.ts';
import { machineKey } from './installers/release.ts';
import { findProgram } from './programs/find-program.ts';
import { installerEnv } from './programs/installer-env.ts';
import { findPython } from './programs/python.ts';
import { openEntry, type Store } from './shared/store.ts';

/**
 * `installed`: in the store. `changed`: in the store, but not as it was installed. `installable`: pinned, and this machine has the installer. `on-path`: found, unpinned.
 * `unpinned`: the lock does not hold it. `missing`: this machine lacks what installs it, or PATH does not have it.
 */
export type ProviderState = 'installed' | 'changed' | 'installable' | 'on-path' | 'unpinned' | 'missing';

export interface ProviderStatus {
  readonly state: ProviderState;
  readonly detail: string;
  readonly fix: string;
}

export interface MachineView {
  readonly store: Store;
  readonly lock: ToolsLock;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workspace: string | null;
}

/** How one provider of a tool stands on this machine. Looks only: nothing is fetched or installed. */
export async function providerStatus(
  tool: string,
  provider: { readonly name: string; readonly kind: LockedProvider['kind'] | 'path'; readonly bin: string },
  view: MachineView,
): Promise<ProviderStatus> {
  if (provider.kind === 'path') {
    const found = findProgram(provider.bin, view.env.PATH ?? '', view.workspace);
    if (found.found === 'yes') return status('on-path', `${found.path}, unpinned`);
    if (found.found === 'refused')
      return status('missing', `refused: it is in the scanned tree: ${found.path}`);
    return status('missing', `${provider.bin} is not on PATH`);
  }
  const locked = view.lock.tools[tool]?.[provider.name];
  if (!locked) {
    return status('unpinned', 'not in tools.lock.json');
  }
  if (provider.kind === 'image') return status('installable', `${locked.package} ${locked.version}`);
  const { version, digest } = locked;
  const found = await openEntry(view.store, { tool, provider: provider.name, version, digest });
  if (!found.ok) return status('changed', found.problem.detail, found.problem.fix);
  if (found.entry) return status('installed', `${version} in ${found.entry.dir}`);
  const lacking = await lackingInstaller(locked, view);
  if (!lacking)
    return status('installable', `${version}, not installed yet`, `secplan tools install ${tool}`);
  return status('missing', `${version} needs ${lacking.needs}`, lacking.fix);
}

/** What this machine lacks to install an entry; undefined when nothing. */
async function lackingInstaller(
  locked: LockedProvider,
  view: MachineView,
): Promise<{ needs: string; fix: string } | undefined> {
  const env = installerEnv(view.env, view.workspace);
  const has = (name: string): boolean => findProgram(name, env.PATH ?? '', view.workspace).found === 'yes';
  switch (locked.kind) {
    case 'pypi': {
      const python = await findPython(locked.platform?.python ?? '3.11', env, view.workspace);
      if (!python.ok) return { needs: python.problem.detail, fix: python.problem.fix ?? '' };
      if (has('uv') || view.lock.installers?.uv) return undefined;
      return { needs: 'uv', fix: 'Install uv.' };
    }
    case 'go':
      return has('go') ? undefined : { needs: 'go on PATH to build it', fix: 'Install Go.' };
    case 'npm':
      return has('npm') ? undefined : { needs: 'npm on PATH', fix: 'Install Node.js with npm.' };
    case 'maven':
      return has('mvn') && has('java')
        ? undefined
        : { needs: 'mvn and java on PATH', fix: 'Install Maven and a Java runtime.' };
    case 'debian':
      return has('apt-get') && has('dpkg-deb')
        ? undefined
        : { needs: 'apt-get and dpkg-deb', fix: 'Use a Debian system, or another provider.' };
    case 'release':
      return releaseFileFor(locked, machineKey())
        ? undefined
        : { needs: `a release file for ${machineKey()}`, fix: 'Use another provider.' };
    case 'image':
      return undefined;
  }
}

function status(state: ProviderState, detail: string, fix = ''): ProviderStatus {
  return { state, detail, fix };
}
