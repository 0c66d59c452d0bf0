import { failed, type Outcome, success } from '../../../core/outcome.ts';
import { expiringSoon } from '../../gate/expiring-soon.ts';
import { checkExportDir } from '../../workspace/check-export-dir.ts';
import { type OpenWorkspace, openWorkspace } from '../../workspace/open-workspace.ts';
import type { Resources } from '../frame/resources.ts';
import type { ScanStart } from '../frame/scan-start.ts';
import type { Planned } from './plan.ts';

export interface Workspace extends OpenWorkspace {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** What only running needs: closed before results are merged. */
  readonly machine: Resources;
}

/** Opens the caches, takes the inventory, and warns of what expires soon: SP2012, SP4013, SP5002, SP5007, SP5088, SP5085 to SP5087. */
export async function workspace({
  cwd,
  env,
  options,
  now,
  prepared,
  listing,
  resources,
}: ScanStart & Planned): Promise<Outcome<Workspace>> {
  const startedAt = now();
  const open = await openWorkspace(prepared, { cwd, env, exportDir: options.exportDir, listing });
  if (!open.ok) return open;
  const unusable = await checkExportDir(open.value.exportDir, prepared.workspace, listing);
  if (unusable !== undefined) return failed([unusable]);
  const { caches, inventory } = open.value;
  const machine = resources.part();
  machine.defer(() => caches.durations.flush());
  machine.defer(() => inventory.flush());
  const expiring = expiringSoon(prepared.plan.policy, startedAt);
  return success({ ...open.value, startedAt, machine }, [...open.diagnostics, ...expiring]);
}
