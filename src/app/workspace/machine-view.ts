import { failed, type Outcome, success } from '../../core/outcome.ts';
import { readLocks } from '../../lock/read-lock.ts';
import type { MachineView } from '../../toolchain/provider-state.ts';
import { openStore, toolsDir } from '../../toolchain/shared/store.ts';

/** This machine's tool store and the locks in force for a workspace. SP4001 when a lock is bad. */
export function machineView({ env }: Pick<MachineView, 'env'>, workspace: string): Outcome<MachineView> {
  const lock = readLocks(workspace);
  if (!lock.ok) return failed(lock.diagnostics);
  return success({ store: openStore(toolsDir(env)), lock: lock.value, env, workspace });
}
