import { unreachable } from '../../core/unreachable.ts';
import type { LockedKind } from '../../lock/lock-types.ts';
import { type Attempt, refuse } from '../shared/problem.ts';
import type { BuiltTool } from '../shared/store.ts';
import type { InstallContext } from './context.ts';

/** Installs what the lock pins, by the installer of its kind; each is loaded only when it is needed. */
export async function installLocked(context: InstallContext): Promise<Attempt<{ built: BuiltTool }>> {
  const kind: LockedKind = context.locked.kind;
  switch (kind) {
    case 'pypi':
      return (await import('./pypi.ts')).installPypi(context);
    case 'npm':
      return (await import('./npm.ts')).installNpm(context);
    case 'go':
      return (await import('./go.ts')).installGo(context);
    case 'maven':
      return (await import('./maven.ts')).installMaven(context);
    case 'debian':
      return (await import('./debian.ts')).installDebian(context);
    case 'release':
      return (await import('./release.ts')).installRelease(context);
    case 'image':
      return refuse('SP4003', 'images are only for the dagger runtime and cannot be installed');
    default:
      return unreachable(kind);
  }
}
