import { type Outcome, success } from '../../../core/outcome.ts';
import { catalogue } from '../../../stages/catalogue.gen.ts';
import { createProvisioner } from '../../../toolchain/provision.ts';
import { openStore, toolsDir } from '../../../toolchain/shared/store.ts';
import { toolStages } from '../../plan-facts/tool-stages.ts';
import { type OpenedRuntime, openRuntime } from '../../runtime/open-runtime.ts';
import type { ScanStart } from '../frame/scan-start.ts';
import type { Journal } from './journal.ts';
import type { Planned } from './plan.ts';
import type { Workspace } from './workspace.ts';

export interface Runtime extends Omit<OpenedRuntime, 'place'> {
  /** Installs tools and makes them ready for the runtime. */
  readonly provisioner: ReturnType<typeof createProvisioner>;
  /** The clock's reading at the start: zero of all times of the run. */
  readonly runStart: number;
}

/** Opens the runtime and what installs tools into it, and starts the run's clock. */
export async function runtime({
  env,
  options,
  signal,
  log,
  prepared,
  machine,
  workDir,
}: ScanStart & Planned & Workspace & Journal): Promise<Outcome<Runtime>> {
  const runStart = log.start();
  const { plan, lock, workspace } = prepared;
  const opened = await openRuntime({ prepared, options, env, tempDir: workDir, onDiagnostic: log.tell });
  machine.defer(() => opened.runtime.close());
  log.onEvent({
    type: 'run-started',
    at: 0,
    profile: plan.profile,
    planDigest: plan.planDigest,
    stages: toolStages(plan).map((stage) => stage.id),
    ...(opened.sandboxed ? {} : { sandbox: 'off' as const }),
  });
  const provisioner = createProvisioner({
    store: openStore(toolsDir(env)),
    lock,
    offline: options.offline,
    locked: options.locked,
    sandboxed: !options.unsandboxed,
    place: opened.place,
    entryOf: (definition) => catalogue.get(definition),
    workspace,
    onEvent: log.onEvent,
    env,
    signal,
    elapsed: log.elapsed,
  });
  const { runtime, sandboxed, platform } = opened;
  return success({ runtime, sandboxed, platform, provisioner, runStart });
}
