import { join } from 'node:path';
import type { StageId } from '../../core/ids.ts';
import { createStoreRedactor } from '../../core/redaction/redactor.ts';
import type { Runtime } from '../../executor/ports.ts';
import { createStack, type Stack } from '../../executor/stack/create-stack.ts';
import { systemClock } from '../../io/clock.ts';
import type { Run, Scene } from './scene.ts';

/** Paths of redacted logs, by service. */
export type ServiceLogs = ReadonlyMap<StageId, readonly string[]>;

/** The services of a run's plan, over the run's runtime; undefined where no stage talks to a stack. */
export function openStack(
  { secrets, redactor }: Scene,
  { prepared, request, onEvent }: Run,
  runtime: Runtime,
  workDir: string,
  elapsed: () => number,
): Stack | undefined {
  const { plan, workspace } = prepared;
  if (plan.stack === undefined) return undefined;
  return createStack(plan, {
    runtime: runtime.stack,
    clock: systemClock,
    signal: request.signal,
    secrets,
    workspace,
    logDir: join(workDir, 'service-logs'),
    storeRedactor: createStoreRedactor(Object.values(secrets)),
    publishRedactor: redactor,
    onState: (stage, state, ms, detail) =>
      onEvent({ type: 'service', at: elapsed(), stage, state, ms, detail }),
    onDiagnostic: (item) => onEvent({ type: 'diagnostic', at: elapsed(), diagnostic: item }),
  });
}
