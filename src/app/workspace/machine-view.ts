import { failed, type Outcome, success } from '../../core/outcome.ts';
import type { MachineView } from '../../toolchain/provider-state.ts';
import { openStore, toolsDir } from '../../toolchain/shared/store.ts';
import { lockToInstall } from '../trust/lock-to-install.ts';

/** This machine's tool store and the locks in force for a workspace. SP2069, SP4001 when a lock is bad. */
export async function machineView(
  { env }: Pick<MachineView, 'env'>,
  workspace: string,
  trustWorkspace = false,
): Promise<Outcome<MachineView>> {
  const lock = await lockToInstall(workspace, { env, trustWorkspace });
  if (!lock.ok) return failed(lock.diagnostics);
  return success({ store: openStore(toolsDir(env)), lock: lock.value, env, workspace }, lock.diagnostics);
}
