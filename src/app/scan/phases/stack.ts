import { join } from 'node:path';
import type { StageId } from '../../../core/ids.ts';
import { type Outcome, success } from '../../../core/outcome.ts';
import { createStoreRedactor } from '../../../core/redaction/redactor.ts';
import { createStack, type Stack as Services } from '../../../executor/stack/create-stack.ts';
import { systemClock } from '../../../io/clock.ts';
import type { ScanStart } from '../frame/scan-start.ts';
import type { Journal } from './journal.ts';
import type { Planned } from './plan.ts';
import type { Runtime } from './runtime.ts';
import type { Secrets } from './secrets.ts';
import type { Workspace } from './workspace.ts';

/** Paths of redacted logs, by service. */
export type ServiceLogs = ReadonlyMap<StageId, readonly string[]>;

export interface Stack {
  /** Undefined where no stage talks to a service. */
  readonly stack: Services | undefined;
  /** Stops the services; asked again, it gives the same logs. */
  readonly stopServices: () => Promise<ServiceLogs>;
}

/** Makes the services of the plan ready, over the run's runtime. None is started before the first stage may be. */
export async function stack({
  signal,
  log,
  prepared,
  secrets,
  redactor,
  machine,
  workDir,
  runtime,
}: ScanStart & Planned & Secrets & Workspace & Journal & Runtime): Promise<Outcome<Stack>> {
  const { plan, workspace } = prepared;
  if (plan.stack === undefined) return success({ stack: undefined, stopServices: async () => new Map() });
  const services = createStack(plan, {
    runtime: runtime.stack,
    clock: systemClock,
    signal,
    secrets,
    workspace,
    logDir: join(workDir, 'service-logs'),
    storeRedactor: createStoreRedactor(Object.values(secrets)),
    publishRedactor: redactor,
    onState: (stage, state, ms, detail) =>
      log.onEvent({ type: 'service', at: log.elapsed(), stage, state, ms, detail }),
    onDiagnostic: log.tell,
  });
  let stopped: Promise<ServiceLogs> | undefined;
  const stopServices = (): Promise<ServiceLogs> => {
    stopped ??= services.close();
    return stopped;
  };
  machine.defer(async () => void (await stopServices()));
  return success({ stack: services, stopServices });
}
