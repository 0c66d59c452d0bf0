import { type Outcome, success } from '../../../core/outcome.ts';
import type { ServiceLogs, Stack } from './stack.ts';
import type { Workspace } from './workspace.ts';

export interface Released {
  readonly serviceLogs: ServiceLogs;
}

/** Closes what only running needs: the shared cache, services, runtime, and the indexes of the machine's own caches. */
export async function release({ machine, stopServices }: Workspace & Stack): Promise<Outcome<Released>> {
  await machine.close();
  return success({ serviceLogs: await stopServices() });
}
