import { success } from '../../../core/outcome.ts';
import { type RunResult, runPlan } from '../../../executor/engine/run-plan.ts';
import { systemClock } from '../../../io/clock.ts';
import { utcDay } from '../../../policy/day.ts';
import { catalogue } from '../../../stages/catalogue.gen.ts';
import { budgetExceeded } from '../../gate/budget-exceeded.ts';
import { forkLargeReports } from '../../large-reports/fork-large-reports.ts';
import { packageRoot } from '../../package/package-root.ts';
import { limitsOf } from '../../runtime/machine-limits.ts';
import { INTERRUPTED, type PhaseOutcome } from '../frame/phase-list.ts';
import type { ScanStart } from '../frame/scan-start.ts';
import type { CarriedDatabases } from './databases.ts';
import type { GateFacts } from './gate-facts.ts';
import type { Journal } from './journal.ts';
import type { Planned } from './plan.ts';
import type { Runtime } from './runtime.ts';
import type { Secrets } from './secrets.ts';
import type { SharedCache } from './shared-cache.ts';
import type { Stack } from './stack.ts';
import type { Workspace } from './workspace.ts';

export interface Ran {
  readonly result: RunResult;
}

type Needs = ScanStart &
  Planned &
  Secrets &
  CarriedDatabases &
  GateFacts &
  Workspace &
  Journal &
  Runtime &
  Stack &
  SharedCache;

/** Runs the scanners, and puts what they made into the shared cache. */
export async function run(context: Needs): Promise<PhaseOutcome<Ran>> {
  const { options, signal, log, prepared, stack, shared, runtime, gateFacts, startedAt } = context;
  const { policy } = prepared.plan;
  const result = await runPlan(prepared.plan, {
    ...(stack === undefined ? {} : { stack }),
    runtime,
    sandboxed: context.sandboxed,
    provisioner: context.provisioner,
    inventory: context.inventory,
    caches: shared.caches,
    catalogue,
    clock: systemClock,
    signal,
    workDir: context.workDir,
    packageRoot: packageRoot(),
    platform: context.platform,
    day: utcDay(startedAt),
    secrets: context.secrets,
    databases: context.databases,
    publishRedactor: context.redactor,
    largeReports: forkLargeReports(),
    limits: limitsOf(runtime.name),
    onEvent: log.onEvent,
    journal: context.journal,
    runStart: context.runStart,
    ...(options.failFast ? { stopWhen: budgetExceeded(policy, gateFacts, startedAt) } : {}),
  });
  if (result.interrupted) return INTERRUPTED;
  await shared.flush();
  return success({ result });
}
